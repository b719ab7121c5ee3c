tenant_id = {tenant:String} AND (
        ({kind:String} = 'user' AND (
            user_id = {id:String} OR requester_user_id = {id:String} OR from_user_id = {id:String} OR into_user_id = {id:String}
            OR (field = 'requester_user_id' AND (`from` = {id:String} OR `to` = {id:String}))))
        OR ({kind:String} = 'account' AND (
            account_id = {id:String} OR from_account_id = {id:String} OR into_account_id = {id:String}
            OR referred_account_id = {id:String}
            OR (field IN ('account_id', 'organization_id') AND (`from` = {id:String} OR `to` = {id:String})))))
