import { parseArgs } from 'node:util';

import { setup } from '../support/start-engines.ts';
import { BENCHES } from './benches.ts';
import { helpOf } from './help.ts';

const options = Object.fromEntries(
  Object.values(BENCHES).flatMap((bench) =>
    bench.options.map(({ name }) => [name, { type: 'string' }] as const),
  ),
);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { ...options, help: { type: 'boolean', default: false } },
});
const { help, ...given } = values;
const [word = '', ...more] = positionals;
const bench = BENCHES[word];
const isStray = (name: string): boolean => bench?.options.every((one) => one.name !== name) ?? true;
const run =
  more.length > 0 || Object.keys(given).some(isStray) ? undefined : bench?.prepare(texts(given));

if (help) {
  console.log(helpOf(BENCHES));
} else if (run === undefined) {
  console.error(helpOf(BENCHES));
  process.exitCode = 2;
} else {
  const teardown = await setup();
  try {
    const { report, isRight } = await run({
      nowMs: Date.now(),
      onProgress: (line) => console.error(line),
    });
    console.log(JSON.stringify(report, null, 2));
    process.exitCode = isRight ? 0 : 1;
  } finally {
    await teardown();
  }
}

function texts(
  record: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  );
}
