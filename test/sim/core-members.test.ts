import { DEFAULT_DEFINITIONS } from '@kpi/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Census } from '../support/census.ts';
import { companyLog } from '../support/company-log.ts';
import {
  expectedAnswers,
  faultsOf,
  historyInquiriesOf,
  inquiriesOf,
  picks,
} from '../support/inquiry.ts';
import { PROPERTY_TIMEOUT_MS, simParameters } from '../support/sim-parameters.ts';
import { OTHER_DEFINITIONS } from '../support/other-definitions.ts';

const TENANT = 'acme';

describe.each([
  ['the default definitions', DEFAULT_DEFINITIONS],
  ['other definitions', OTHER_DEFINITIONS],
])('with %s', (_title, definitions) => {
  test(
    'the members of every KPI add up to what the definitions say, whole, split and filtered',
    { timeout: PROPERTY_TIMEOUT_MS },
    () => {
      fc.assert(
        fc.property(companyLog(), picks(6), (log, chosen) => {
          const census = new Census(log, definitions);
          const inquiries = [
            ...inquiriesOf(log, definitions, chosen.slice(0, 2)),
            ...historyInquiriesOf(log, definitions, chosen),
          ];
          for (const expected of expectedAnswers(log, {
            tenantId: TENANT,
            definitions,
            inquiries,
          })) {
            // Members name their own values: what is put together as others is no group of theirs.
            if (expected.query.keep === undefined)
              expect(faultsOf(expected, census.rows(expected.query))).toEqual([]);
          }
        }),
        simParameters(20),
      );
    },
  );
});
