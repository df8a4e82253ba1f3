import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ApiWorld, createApiWorld } from '../setup/api-world.ts';
import { appStories } from './app-stories.ts';
import { auditStories } from './audit-stories.ts';
import { breakGlassStories } from './break-glass-stories.ts';
import { campaignStories } from './campaign-stories.ts';
import { delegationStories } from './delegation-stories.ts';
import { governanceStories } from './governance-stories.ts';
import { operatorStories } from './operator-stories.ts';
import { overviewStories } from './overview-stories.ts';
import { peopleStories } from './people-stories.ts';
import { representationStories } from './representation-stories.ts';
import { stepUpStories } from './step-up-stories.ts';

let apiWorld: ApiWorld;

beforeAll(async () => {
  apiWorld = await createApiWorld();
});
afterAll(() => apiWorld.world.stop());

const of = () => apiWorld;
appStories(of);
operatorStories(of);
overviewStories(of);
peopleStories(of);
representationStories(of);
stepUpStories(of);
breakGlassStories(of);
governanceStories(of);
campaignStories(of);
delegationStories(of);
auditStories(of);

test('every operation of the document was called above', () => {
  const { called, document } = apiWorld;
  expect([...called].sort()).toEqual(document.operations.map(({ operationId }) => operationId).sort());
});
