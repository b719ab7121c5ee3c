/** Whether the same call may succeed later without a change of its input. */
const RETRYABLE = {
  account_missing: false,
  avro_invalid: false,
  batch_too_large: false,
  body_invalid: false,
  body_too_large: false,
  broker_unreachable: true,
  config_invalid: false,
  data_in_use: false,
  definitions_invalid: false,
  definitions_overtaken: true,
  dimension_unknown: false,
  engine_failed: false,
  event_invalid: false,
  event_type_unknown: false,
  file_invalid: false,
  history_incomplete: false,
  history_unreachable: true,
  key_forbidden: false,
  key_missing: false,
  kpi_unknown: false,
  mapping_invalid: false,
  not_found: false,
  occurred_in_future: false,
  offset_lost: false,
  overloaded: true,
  ownership_lost: false,
  parameter_invalid: false,
  partition_mismatch: false,
  port_taken: false,
  prerequisite_missing: false,
  rate_limited: true,
  rebuild_aborted: false,
  rebuild_overtaken: true,
  registry_unreachable: true,
  schema_incompatible: false,
  schema_unknown: false,
  service_unreachable: true,
  store_corrupt: false,
  store_evicts: false,
  store_outdated: false,
  store_set_back: false,
  store_unreachable: true,
  store_unsuitable: false,
  subject_erased: false,
  subject_missing: false,
  topic_mismatch: false,
  verify_failed: false,
  window_unsupported: false,
} as const;

export type FaultCode = keyof typeof RETRYABLE;

/** What a fault may carry besides its code. `path` names the field of the input that is at fault (`/properties/score`). */
export interface FaultOptions extends ErrorOptions {
  readonly path?: string;
}

/** An operating error: expected, named, and either retried or set aside. A bug is not a Fault. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly retryable: boolean;
  readonly path: string | undefined;
  /** The message without the code, for people. */
  readonly detail: string;

  constructor(code: FaultCode, detail: string, options?: FaultOptions) {
    super(`[${code}] ${detail}`, options);
    this.code = code;
    this.detail = detail;
    this.retryable = RETRYABLE[code];
    this.path = options?.path;
  }
}
