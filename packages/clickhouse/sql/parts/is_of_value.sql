-- Whether an action of the product is a value event: it says so itself, unless definitions name the actions that are.
--   value_actions
if(empty({value_actions:Array(String)}), ifNull(is_value_event, false), has({value_actions:Array(String)}, ifNull(action, '')))
