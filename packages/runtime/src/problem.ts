import { STATUS_CODES } from 'node:http';

import { Fault, type FaultCode } from '@kpi/core';
import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';

/** What a problem document may say in `code`: the faults, and what only HTTP can get wrong. */
export type ProblemCode =
  | FaultCode
  | 'body_invalid'
  | 'internal_error'
  | 'media_type_unsupported'
  | 'request_invalid';

/** One wrong part of a request; `path` is a JSON pointer whose first step is query, params, headers or body. */
export interface ProblemError {
  readonly path: string;
  readonly message: string;
}

/** An RFC 9457 problem document. `code` is stable; `detail` is for people and may change. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly instance: string;
  readonly request_id: string;
  readonly errors?: readonly ProblemError[];
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Faults a client can do something about; every other one is a 500. */
const STATUS_OF: Partial<Record<ProblemCode, number>> = {
  account_missing: 422,
  avro_invalid: 422,
  batch_too_large: 413,
  body_invalid: 400,
  body_too_large: 413,
  broker_unreachable: 503,
  dimension_unknown: 400,
  event_invalid: 422,
  event_type_unknown: 422,
  history_unreachable: 503,
  key_forbidden: 403,
  key_missing: 401,
  kpi_unknown: 404,
  media_type_unsupported: 415,
  not_found: 404,
  occurred_in_future: 422,
  overloaded: 503,
  parameter_invalid: 400,
  rate_limited: 429,
  registry_unreachable: 503,
  request_invalid: 400,
  store_unreachable: 503,
  subject_missing: 422,
  window_unsupported: 400,
};

/** What is said instead of a message that may name hosts: nothing internal leaves with a 5xx. */
const DETAIL_OF: Partial<Record<ProblemCode, string>> = {
  broker_unreachable: 'The event log does not answer. Nothing was accepted; send it again later.',
  history_unreachable: 'The history store does not answer. Try again later.',
  overloaded: 'Too much is in flight. Nothing was accepted; send it again later.',
  registry_unreachable: 'The schema registry does not answer. Nothing was accepted; try later.',
  store_unreachable: 'The live store does not answer. Try again later.',
};
const DETAIL_INTERNAL = 'The server failed. The log has the cause under this request_id.';

const RETRY_AFTER_S = 5;
/** Fastify's name of a request's part, as clients know it. */
const PART_OF: Readonly<Record<string, string>> = {
  querystring: 'query',
  params: 'params',
  headers: 'headers',
};
/** Fastify's own refusals, by the status they carry. */
const CODE_OF: Readonly<Record<number, ProblemCode>> = {
  400: 'body_invalid',
  404: 'not_found',
  413: 'body_too_large',
  415: 'media_type_unsupported',
  429: 'rate_limited',
};

/** HTTP status of a fault. A code that no client causes is 500. */
export function httpStatusOf(code: ProblemCode): number {
  return STATUS_OF[code] ?? 500;
}

/** Seconds after which the same request may succeed; undefined when repeating cannot help. */
export function retryAfterS(status: number): number | undefined {
  return status === 503 || status === 429 ? RETRY_AFTER_S : undefined;
}

/** The problem document for anything thrown while answering a request. */
export function problemOf(error: unknown, request: RequestFacts): Problem {
  const cause = classify(error);
  const status = httpStatusOf(cause.code);
  const isOurs = status >= 500;
  return {
    type: `urn:kpi-stream:problem:${cause.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: cause.code,
    detail: isOurs ? (DETAIL_OF[cause.code] ?? DETAIL_INTERNAL) : cause.detail,
    instance: request.path,
    request_id: request.id,
    ...(cause.errors === undefined ? {} : { errors: cause.errors }),
  };
}

/** What a problem document says about the request: its path without the query, which may hold secrets. */
export interface RequestFacts {
  readonly id: string;
  readonly path: string;
}

interface Cause {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors?: readonly ProblemError[];
}

function classify(error: unknown): Cause {
  if (error instanceof Fault) return ofFault(error);
  if (hasZodFastifySchemaValidationErrors(error)) return ofValidation(error);
  if (!(error instanceof Error)) return { code: 'internal_error', detail: DETAIL_INTERNAL };
  return ofFramework(error);
}

function ofFault(fault: Fault): Cause {
  const base = { code: fault.code, detail: fault.detail };
  if (fault.path === undefined) return base;
  return { ...base, errors: [{ path: fault.path, message: fault.detail }] };
}

function ofValidation(
  error: Omit<FastifyError, 'validation'> & Pick<Required<FastifyError>, 'validation'>,
): Cause {
  const part = PART_OF[error.validationContext ?? ''] ?? 'body';
  const errors = error.validation.map((issue) => ({
    path: `/${part}${issue.instancePath}`,
    message: issue.message ?? 'invalid',
  }));
  return {
    code: part === 'body' ? 'body_invalid' : 'parameter_invalid',
    detail: errors.map((each) => `${each.path}: ${each.message}`).join('; '),
    errors,
  };
}

/** Fastify's own refusals carry a status; any other error is a bug or a failure of ours. */
function ofFramework(error: Error & { readonly statusCode?: number }): Cause {
  const status = error.statusCode ?? 500;
  if (status >= 500) return { code: 'internal_error', detail: DETAIL_INTERNAL };
  return { code: CODE_OF[status] ?? 'request_invalid', detail: error.message };
}
