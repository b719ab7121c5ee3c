-- Of payments and refunds (parts/payments_and_refunds.sql) those within [first, last): (paid at, until the next statement, when
-- refunds had reached it or the year 10000).
(all_payments, all_refunds, first, last) -> arrayMap(
    payment -> (
        payment.3,
        payment.4,
        arrayElement(
            arrayPushFront(
                arrayMap(
                    refund -> refund.3,
                    arrayFilter(
                        refund -> refund.1 = payment.1 AND refund.2 = payment.2 AND first <= refund.3 AND refund.3 < last,
                        all_refunds)),
                toInt64(253402300800000)),
            1 + arrayFirstIndex(
                total -> total >= payment.5,
                arrayCumSum(arrayMap(
                    refund -> refund.4,
                    arrayFilter(
                        refund -> refund.1 = payment.1 AND refund.2 = payment.2 AND first <= refund.3 AND refund.3 < last,
                        all_refunds)))))),
    arrayFilter(payment -> first <= payment.3 AND payment.3 < last, all_payments)) AS settled
