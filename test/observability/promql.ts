import { type SyntaxNode, type Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** Label names by metric name, as they can be asked for: a histogram is its three series. */
export type KnownMetrics = ReadonlyMap<string, ReadonlySet<string>>;

/** Labels that Prometheus itself puts on whatever it scrapes. */
const SCRAPED = ['job', 'instance'] as const;

/** Everything in an expression that does not exist: syntax errors, names of metrics, labels that a metric does not have. */
export function findPromqlProblems(expression: string, known: KnownMetrics): readonly string[] {
  const tree = parser.parse(expression);
  const text = ({ from, to }: { readonly from: number; readonly to: number }): string =>
    expression.slice(from, to);
  const problems = new Set<string>();
  for (const selector of nodesOf(tree, 'VectorSelector')) {
    const name = text(selector.getChild('Identifier') ?? { from: 0, to: 0 });
    const labels = known.get(name);
    if (labels === undefined) problems.add(`there is no metric ${name}`);
    else
      for (const label of within(selector, 'LabelName').map(text))
        if (!has(labels, label)) problems.add(`${name} has no label ${label}`);
  }
  for (const kind of ['AggregateExpr', 'BinaryExpr'])
    for (const node of nodesOf(tree, kind))
      for (const label of groupingOf(node).map(text))
        for (const name of within(node, 'VectorSelector').map((one) => nameOf(one, text)))
          if (!has(known.get(name) ?? new Set(), label) && known.has(name))
            problems.add(`${name} has no label ${label}`);
  tree.iterate({
    enter: ({ type, from }) => {
      if (type.isError) problems.add(`syntax error at ${from} in ${expression}`);
    },
  });
  return [...problems];
}

/** Names of all metrics in an expression. */
function metricsIn(expression: string): readonly string[] {
  const tree = parser.parse(expression);
  const text = ({ from, to }: SyntaxNode): string => expression.slice(from, to);
  return nodesOf(tree, 'VectorSelector').map((selector) => nameOf(selector, text));
}

/** Whether a series of one of these metrics can carry a label, for `{{label}}` in legends and `$labels` in sentences. */
export function canShow(expression: string, label: string, known: KnownMetrics): boolean {
  return metricsIn(expression).some((name) => has(known.get(name) ?? new Set(), label));
}

function has(labels: ReadonlySet<string>, label: string): boolean {
  return labels.has(label) || SCRAPED.some((one) => one === label);
}

function nameOf(selector: SyntaxNode, text: (node: SyntaxNode) => string): string {
  const identifier = selector.getChild('Identifier');
  return identifier === null ? '' : text(identifier);
}

/** Labels of `by (…)` or `on (…)` of this node itself, not of those inside it. */
function groupingOf(node: SyntaxNode): readonly SyntaxNode[] {
  const modifier = node.getChild('AggregateModifier') ?? node.getChild('MatchingModifierClause');
  return modifier === null ? [] : within(modifier, 'LabelName');
}

function nodesOf(tree: Tree, name: string): readonly SyntaxNode[] {
  return within(tree.topNode, name);
}

function within(root: SyntaxNode, name: string): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  root.cursor().iterate((node) => {
    if (node.name === name) found.push(node.node);
  });
  return found;
}
