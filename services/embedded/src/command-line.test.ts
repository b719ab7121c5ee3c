import { expect, test } from 'vitest';

import { readCommandLine } from './command-line.ts';

test('flags say more than variables', () => {
  const { environment } = readCommandLine(['--port', '9000', '--no-demo'], {
    KPI_HTTP_PORT: '8000',
    KPI_DATA_DIR: 'elsewhere',
  });
  expect(environment).toEqual({
    KPI_HTTP_PORT: '9000',
    KPI_DATA_DIR: 'elsewhere',
    KPI_DEMO: 'false',
  });
});

test('without flags the environment stays as it is', () => {
  const environment = { KPI_DEMO: 'no' };
  expect(readCommandLine([], environment)).toEqual({ isHelp: false, environment });
});

test('help is asked for', () => {
  expect(readCommandLine(['--help'], {}).isHelp).toBe(true);
});

test.each([['--prot', '1'], ['--port'], ['stray']])('an unknown flag is refused: %s', (...args) => {
  expect(() => readCommandLine(args, {})).toThrow(
    expect.objectContaining({ code: 'config_invalid' }),
  );
});
