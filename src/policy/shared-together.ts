// Which of a person's consents for one app are one decision, and which are others.
interface SharedFor {
  readonly purpose: string;
  /** The FHIR base. */
  readonly audience: string;
}

/**
 * What may be changed together: an authorization names its purpose and its recipient's source, and is changed as such
 * (45 CFR 164.508(c)(1)). Of the oldest first, the group that was last added to comes first.
 */
export function sharedTogether<Shared extends SharedFor>(
  consents: readonly Shared[],
): readonly (readonly Shared[])[] {
  const groups = new Map<string, readonly Shared[]>();
  for (const consent of consents) {
    const key = JSON.stringify([consent.purpose, consent.audience]);
    const group = [...(groups.get(key) ?? []), consent];
    groups.delete(key);
    groups.set(key, group);
  }
  return [...groups.values()].reverse();
}
