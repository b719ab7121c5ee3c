-- Whether an event (event_type, texts) is among those of measure m: its type, and every filter of the measure.
--   measure_types, filter_measures, filter_fields (places in texts), filter_kinds, filter_values
-- Whole numbers have at most 15 digits; what is none is neither greater nor less.
event_type = {measure_types:Array(String)}[m]
AND arrayAll(
    (of, field, kind, listed) -> of != m OR multiIf(
        kind = 'in', isNotNull(texts[field]) AND has(listed, ifNull(texts[field], '')),
        kind = 'not_in', isNull(texts[field]) OR NOT has(listed, ifNull(texts[field], '')),
        NOT match(ifNull(texts[field], ''), '^-?[0-9]{1,15}$'), false,
        kind = 'greater', toInt64OrZero(ifNull(texts[field], '')) > toInt64OrZero(listed[1]),
        toInt64OrZero(ifNull(texts[field], '')) < toInt64OrZero(listed[1])),
    {filter_measures:Array(UInt16)},
    {filter_fields:Array(UInt16)},
    {filter_kinds:Array(String)},
    {filter_values:Array(Array(String))})
