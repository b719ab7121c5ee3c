import { type EventGlance } from '@kpi/kafka';
import { sourceField } from '@kpi/redis';

/** Latest `occurred_at` by source field, of one batch. Neighbours in a log mostly share their source. */
export class SourceTally {
  readonly #latest = new Map<string, number>();
  #last: Omit<EventGlance, 'occurred_at'> = {
    tenant_id: '',
    event_type: 'subject.erased',
    source: '',
  };
  #field = '';

  add(event: EventGlance): void {
    if (!this.#isLast(event)) {
      this.#last = event;
      this.#field = sourceField(event.tenant_id, event.event_type, event.source);
    }
    const latest = this.#latest.get(this.#field);
    if (latest === undefined || latest < event.occurred_at)
      this.#latest.set(this.#field, event.occurred_at);
  }

  get latest(): ReadonlyMap<string, number> {
    return this.#latest;
  }

  #isLast({ tenant_id, event_type, source }: EventGlance): boolean {
    const last = this.#last;
    return (
      this.#field !== '' &&
      event_type === last.event_type &&
      source === last.source &&
      tenant_id === last.tenant_id
    );
  }
}
