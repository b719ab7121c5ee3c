-- Spans are (from, to] as pairs of edges: (from, 1), (to, -1).
-- Edges in order; at one instant what begins comes first.
edges_of -> arraySort(edge -> (edge.1, -edge.2), edges_of) AS in_order,
-- Where at least `depth` spans lie over each other.
(sorted, depth) -> arrayFilter(
    span -> span.1 < span.2 AND span.3 >= depth,
    arrayZip(
        sorted.1,
        arrayResize(arrayPushBack(arrayPopFront(sorted.1), toInt64(253402300800000)), length(sorted)),
        arrayCumSum(sorted.2))) AS covered
