import { isFinished, type InstanceAction } from '../model/instance-action.js';

/** The actions, and the ways in which they are looked for. */
export class ActionTable {
  readonly #actions = new Map<string, InstanceAction>();
  readonly #uuidsByInstance = new Map<string, string[]>();
  readonly #uuidByKey = new Map<string, string>();
  readonly #runningByInstance = new Map<string, string>();
  readonly #unfinished = new Set<string>();

  get(uuid: string): InstanceAction | undefined {
    return this.#actions.get(uuid);
  }

  ofKey(projectId: string, idempotencyKey: string): InstanceAction | undefined {
    const uuid = this.#uuidByKey.get(keyOf(projectId, idempotencyKey));
    return uuid === undefined ? undefined : this.#actions.get(uuid);
  }

  runningOf(instanceUuid: string): InstanceAction | undefined {
    const uuid = this.#runningByInstance.get(instanceUuid);
    return uuid === undefined ? undefined : this.#actions.get(uuid);
  }

  /** Newest first. */
  of(instanceUuid: string): readonly InstanceAction[] {
    return (this.#uuidsByInstance.get(instanceUuid) ?? []).flatMap((uuid) => this.#actions.get(uuid) ?? []).reverse();
  }

  /** Urgent ones first, then as they were accepted. */
  unfinishedFor(host: string): readonly InstanceAction[] {
    const unfinished = [...this.#unfinished].flatMap((uuid) => this.#actions.get(uuid) ?? []);
    const rank = ({ priority }: InstanceAction): number => (priority === 'urgent' ? 0 : 1);
    // A set keeps the order of insertion and the sort is stable: the rest is in the order of acceptance.
    return unfinished.filter((action) => action.host === host).sort((a, b) => rank(a) - rank(b));
  }

  put(action: InstanceAction): void {
    const { uuid, instanceUuid, projectId, idempotencyKey } = action;
    if (!this.#actions.has(uuid)) {
      const uuids = this.#uuidsByInstance.get(instanceUuid);
      if (uuids) uuids.push(uuid);
      else this.#uuidsByInstance.set(instanceUuid, [uuid]);
      if (idempotencyKey !== null) this.#uuidByKey.set(keyOf(projectId, idempotencyKey), uuid);
    }
    this.#actions.set(uuid, action);
    if (isFinished(action)) this.#unfinished.delete(uuid);
    else this.#unfinished.add(uuid);
    if (action.state === 'running') this.#runningByInstance.set(instanceUuid, uuid);
    else if (this.#runningByInstance.get(instanceUuid) === uuid) this.#runningByInstance.delete(instanceUuid);
  }
}

function keyOf(projectId: string, idempotencyKey: string): string {
  return JSON.stringify([projectId, idempotencyKey]);
}
