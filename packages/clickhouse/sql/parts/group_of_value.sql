-- The group of a row's {{dimension}}: '' where it is not asked for, '(other)' where its value is not kept (by, keep).
multiIf(
    NOT has({by:Array(String)}, '{{dimension}}'), '',
    mapContains({keep:Map(String, Array(String))}, '{{dimension}}')
        AND NOT has({keep:Map(String, Array(String))}['{{dimension}}'], {{dimension}}), '(other)',
    {{dimension}})
