// A world and a browser for a file of short stories, each with people of its own.
import { type Chromium, openChromium, type Person } from '../setup/chromium.ts';
import { invitationFor } from '../setup/invite.ts';
import { createWorld, type World } from '../setup/world.ts';
import { makePasskey } from './steps.ts';

type PersonOptions = Parameters<Chromium['person']>[0];

export interface Visits {
  readonly world: World;
  visitor(options?: PersonOptions): Promise<Person>;
  /** Ana on a new device of hers, with a passkey and a session. */
  anaSignedIn(options?: PersonOptions): Promise<Person>;
  /** Everyone goes: at the end of each story. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

export async function openVisits(): Promise<Visits> {
  const [chromium, world] = await Promise.all([openChromium(), createWorld('postgresql')]);
  const people: Person[] = [];
  const visitor = async (options: PersonOptions = {}) => {
    const person = await chromium.person(options);
    people.push(person);
    return person;
  };
  return {
    ...{ world, visitor },
    anaSignedIn: async (options) => {
      const ana = await visitor(options);
      await makePasskey(ana.page, await invitationFor(world, 'Ana Rivera'));
      return ana;
    },
    leave: async () => {
      for (const { context } of people.splice(0)) await context.close();
    },
    close: async () => {
      await chromium.close();
      await world.stop();
    },
  };
}
