// What an answer over HTTP means: the part of it that the history keeps.
import { accessSubject, codeSubject, type Outcome, refreshSubject } from './history.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

export const NO_ANSWER: Answer = { status: 0, headers: {}, text: '' };

export function outcomeOf({ status, headers, text }: Answer): Outcome {
  const body = membersOf(text);
  const location = typeof headers.location === 'string' ? headers.location : undefined;
  const parameters =
    location !== undefined && URL.canParse(location) ? new URL(location).searchParams : undefined;
  const [access, refresh] = [textOf(body.access_token), textOf(body.refresh_token)];
  const [code, refused] = [parameters?.get('code'), textOf(body.error) ?? parameters?.get('error')];
  return {
    status,
    ...(typeof refused === 'string' ? { error: refused } : {}),
    ...(headers['retry-after'] === undefined ? {} : { retryAfter: true }),
    ...(typeof body.active === 'boolean' ? { active: body.active } : {}),
    yields: [
      ...(typeof code === 'string' ? [codeSubject(code)] : []),
      ...(access === undefined ? [] : [accessSubject(access)]),
      ...(refresh === undefined ? [] : [refreshSubject(refresh)]),
    ],
  };
}

/** The members of a JSON object; of anything else, none. */
export function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);
