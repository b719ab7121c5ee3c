substring(
    arrayLast(
        change -> change != '' AND toInt64(substring(change, 1, 15)) <= toUnixTimestamp64Milli(occurred_at),
        splitByChar('\x1E', transform(
            if(has({merged_users:Array(String)}, user_id),
                {into_users:Array(String)}[indexOf({merged_users:Array(String)}, user_id)], user_id),
            {stay_users:Array(String)}, {stay_texts:Array(String)}, ''))),
    16)
