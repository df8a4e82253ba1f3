import { expect, test } from '@jest/globals';
import type { ApiWorld } from '../setup/api-world.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { approvedApp } from '../setup/reviewed.ts';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

/** Operators ask, owners see what is asked, and answer with a passkey that they showed just now. */
export function campaignStories(of: () => ApiWorld): void {
  test('an operator opens a campaign, follows it, takes its evidence and closes it', async () => {
    const { world, vendor, other, api } = of();
    const { appId } = await approvedApp(world, registryDeps(world), vendor, { name: 'Asked about' });
    const terms = { reason: 'The yearly look.', dueAt: inDays(30), onSilence: 'report' };
    const body = { ...terms, selection: { organizationId: vendor.id } };
    const { campaignId, apps } = await api('operator', 'openCampaign', { body });
    const at = { campaignId };
    expect(await api('reviewer', 'findCampaign', { at })).toMatchObject({
      ...{ ...terms, apps, unanswered: apps, silent: 0, warnDays: [14, 3], closedAt: null },
    });
    expect((await api('reviewer', 'listCampaigns', { query: { state: 'open' } })).rows).toMatchObject([
      { id: campaignId },
    ]);
    const { rows } = await api('operator', 'listCampaignApps', { at, query: { unanswered: 'true' } });
    expect(rows).toHaveLength(apps);
    const own = await api('owner', 'findCampaignApp', { at: { ...at, appId } });
    expect(own).toMatchObject({ asked: { outcome: 'unanswered' }, snapshot: { number: 1 }, changed: [] });
    expect((await api('owner', 'listAsked')).rows).toContainEqual(own.asked);
    expect(own.asked.organizationId).not.toBe(other.id);
    expect((await api('newOwner', 'listAsked')).rows).toEqual([]);
    const { hash } = await api('operator', 'askAgain', { at: { ...at, appId } });
    expect((await api('owner', 'findCampaignApp', { at: { ...at, appId } })).snapshot).toMatchObject({
      ...{ number: 2, hash },
    });
    expect(await api('operator', 'remindCampaign', { at })).toEqual({ apps });
    const answer = { snapshotHash: hash, decision: 'end', note: 'Nobody uses it.' };
    const said = { at: { ...at, appId }, body: answer };
    await api('owner', 'attestApp', said);
    expect((await api('owner', 'findCampaignApp', { at: { ...at, appId } })).attestation).toMatchObject({
      ...{ decision: 'end', attestedBy: vendor.ownerId, verifiedAt: expect.any(String) },
    });
    const csv = await api('operator', 'exportEvidence', { at, query: { format: 'csv' } });
    expect(csv.split('\r\n')).toHaveLength(apps + 2);
    await api('operator', 'closeCampaign', { at, body: { reason: 'A test' } });
    expect((await api('operator', 'listCampaigns', { query: { state: 'closed' } })).rows).toMatchObject([
      { id: campaignId, closeReason: 'A test' },
    ]);
  });
}
