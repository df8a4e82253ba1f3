import { type Fault, RegistryRefusal } from '../registry/refusal.ts';

/** What a command answers, or the faults of what it was handed: for the form to show. Other refusals go on. */
export async function attempt<Result>(
  command: Promise<Result>,
): Promise<{ readonly result: Result } | { readonly faults: readonly Fault[] }> {
  try {
    return { result: await command };
  } catch (error) {
    if (!(error instanceof RegistryRefusal) || error.reason !== 'input_invalid') throw error;
    return { faults: error.faults };
  }
}
