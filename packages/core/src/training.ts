import { type Definitions } from './definitions.ts';
import { ENTITY, entityName, entityParts, isEntity } from './entity.ts';
import { type Fact, isKind, isOwn } from './fact.ts';
import { type FactSource, effectiveFacts } from './home.ts';
import { membershipsOf } from './membership.ts';
import { firstTraining, firstTrainingElsewhere } from './units.ts';

/**
 * Instants from which somebody of an account is trained (KPI_SPEC 7.4 on 2.10): completions in the account, and for members those
 * they have from elsewhere, from the moment they belong to it. Only the earliest of each user and course.
 */
export function trainingsOf(home: FactSource, definitions: Definitions): readonly number[] {
  const trainings: number[] = [];
  const elsewhere = new Map<string, number>();
  for (const entity of home.entities()) {
    if (!isTraining(entity, definitions) || !home.mayHoldKind(entity, 'completion')) continue;
    const facts = effectiveFacts(home, entity);
    trainings.push(firstTraining(facts));
    const [, user = ''] = entityParts(entity);
    const at = Math.min(firstTrainingElsewhere(facts), elsewhere.get(user) ?? Infinity);
    if (at < Infinity) elsewhere.set(user, at);
  }
  for (const [user, at] of elsewhere) trainings.push(trainedByJoining(home, user, at));
  return trainings;
}

/** Whether an entity is a run of a course whose completion trains the account. */
function isTraining(entity: string, { trainingCourses }: Definitions): boolean {
  if (!isEntity(entity, ENTITY.courseRun)) return false;
  if (trainingCourses.length === 0) return true;
  const [, , course = ''] = entityParts(entity);
  return trainingCourses.includes(course);
}

/** When a user who was trained elsewhere first belongs to the account of the home; Infinity if never. */
function trainedByJoining(home: FactSource, user: string, trainedAt: number): number {
  const facts = effectiveFacts(home, entityName(ENTITY.membership, user));
  const changes = facts.flatMap((fact) =>
    isKind(fact, 'membership') ? [{ ...fact, kind: fact.step, account: accountOf(fact) }] : [],
  );
  const membership = membershipsOf(changes).find(
    ({ account, to }) => account === undefined && trainedAt < to,
  );
  return membership === undefined ? Infinity : Math.max(membership.from, trainedAt);
}

/** Undefined is the account of the home. */
function accountOf(fact: Fact): string | undefined {
  return isOwn(fact) ? undefined : fact.account;
}
