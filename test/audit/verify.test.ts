// Whoever can drop triggers can change anything; what was changed is named.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { sealHash } from '../../src/audit/chain.ts';
import { signCheckpoint } from '../../src/audit/checkpoint.ts';
import { createSigner } from '../../src/provider/keys.ts';
import type { SealRow } from '../../src/store/audit-seals.ts';
import { AUDIT_ISSUER, type AuditStore, createAuditStore } from '../setup/audit-store.ts';
import { databases } from '../setup/world.ts';

describe.each(databases)('a sealed audit, on %s', (kind) => {
  let audit: AuditStore;
  let seals: SealRow[];
  /** The ids in the order of the chain. */
  let ids: string[];
  const idAt = (index: number) => ids.at(index) ?? '';
  const faultOf = async () => (await audit.verify()).fault;

  beforeAll(async () => {
    audit = await createAuditStore(kind);
    await audit.append(14);
    seals = await audit.seal(5);
    const rows = await audit.store.sql<{ id: string }>(
      'SELECT id::text FROM audit_event ORDER BY xid, id',
      [],
    );
    ids = rows.map(({ id }) => id);
    await audit.tamper('CREATE TABLE was AS TABLE audit_event');
    await audit.tamper('CREATE TABLE sealed AS TABLE audit_seal');
  });
  afterEach(async () => {
    await audit.tamper(
      'DELETE FROM audit_event; DELETE FROM audit_seal; INSERT INTO audit_event SELECT * FROM was; INSERT INTO audit_seal SELECT * FROM sealed',
    );
  });
  afterAll(() => audit.stop());

  test('is whole: each event is in one seal, and the last one is signed', async () => {
    expect(seals.map(({ events }) => events)).toEqual([5, 5, 4]);
    const whole = await audit.verify();
    expect(whole).toMatchObject({ fault: null, seals: 3, events: 14, dropped: 0, unsealed: 0 });
    expect(whole.lastSeal).toMatchObject({ number: 3, hash: seals[2]?.hash.toString('hex') });
    expect(await audit.seal()).toEqual([]);
  });

  test('is read in part: what was sealed between two instants', async () => {
    await audit.tamper(`DELETE FROM audit_event WHERE id = ${idAt(0)}`);
    const tomorrow = new Date(Date.now() + 86_400_000);
    expect(await audit.verify({ from: tomorrow })).toMatchObject({ fault: null, seals: 0, unsealed: 0 });
    expect(await audit.verify({ seals: [2, 3] })).toMatchObject({ fault: null, seals: 2, events: 9 });
    expect((await audit.verify({ seals: [1, 2] })).fault).toMatchObject({ fault: 'missing', seal: 1 });
    const yesterday = new Date(Date.now() - 86_400_000);
    expect((await audit.verify({ from: yesterday, to: tomorrow })).fault).not.toBeNull();
  });

  test.each([
    ['type', `'token.revoked'`],
    ['request_id', `'another-request'`],
    ['app_id', `'another-app'`],
    ['account_id', 'NULL'],
    ['organization_id', `'another'`],
    ['patient_id', `'another'`],
    ['grant_id', `''`],
    ['resource_server_id', `'another'`],
    ['contract_id', `'another'`],
    ['resource', 'NULL'],
    ['purpose', `'TREAT'`],
    ['reason', 'NULL'],
    ['detail', `detail || '{"scope": "patient/*.cruds"}'`],
    ['recorded_at', `recorded_at + interval '1 millisecond'`],
    ['recorded_at', `recorded_at - interval '9 years'`],
  ])('a changed %s is named', async (column, value) => {
    const id = idAt(6);
    await audit.tamper(`UPDATE audit_event SET ${column} = ${value} WHERE id = ${id}`);
    expect(await faultOf()).toEqual({ fault: 'altered', eventId: id, seal: 2 });
  });

  test('a changed transaction or id is named: the event stands elsewhere', async () => {
    await audit.tamper(`UPDATE audit_event SET xid = xid - 1 WHERE id = ${idAt(5)}`);
    expect(await faultOf()).not.toBeNull();
    await audit.tamper(`UPDATE audit_event SET xid = xid + 100000 WHERE id = ${idAt(6)}`);
    await audit.tamper(
      `DELETE FROM audit_event WHERE id = ${idAt(5)}; INSERT INTO audit_event SELECT * FROM was WHERE id = ${idAt(5)}`,
    );
    expect(await faultOf()).toEqual({ fault: 'reordered', eventId: idAt(6), seal: 2 });
  });

  test.each([0, 5, 9, 13])('the deleted event number %i is named', async (index) => {
    await audit.tamper(`DELETE FROM audit_event WHERE id = ${idAt(index)}`);
    expect(await faultOf()).toEqual({
      ...{ fault: 'missing', eventId: idAt(index), seal: 1 + Math.floor(index / 5) },
    });
  });

  test('an event among sealed ones is named', async () => {
    await audit.tamper(`INSERT INTO audit_event (id, xid, type, detail)
      SELECT 900000, xid, 'consent.granted', '{}' FROM audit_event WHERE id = ${idAt(7)}`);
    expect(await faultOf()).toEqual({ fault: 'inserted', eventId: '900000', seal: 2 });
  });

  test('two events that changed places are named, of one transaction and of two', async () => {
    for (const [one, other] of [
      [11, 12],
      [5, 8],
    ] as const) {
      const [a, b] = [idAt(one), idAt(other)];
      await audit.tamper(
        `UPDATE audit_event SET id = 900001 WHERE id = ${a}; UPDATE audit_event SET id = ${a} WHERE id = ${b}; UPDATE audit_event SET id = ${b} WHERE id = 900001`,
      );
      expect(await faultOf()).toMatchObject({ fault: 'reordered', seal: 1 + Math.floor(one / 5) });
    }
  });

  test('a tail that was cut off is named; with its seals, by a checkpoint that was kept', async () => {
    await audit.tamper(
      `DELETE FROM audit_event WHERE (xid, id) > (SELECT xid, id FROM was WHERE id = ${idAt(10)})`,
    );
    expect(await faultOf()).toEqual({ fault: 'missing', eventId: idAt(11), seal: 3 });
    await audit.tamper(
      `DELETE FROM audit_event WHERE id = ${idAt(10)}; DELETE FROM audit_seal WHERE number = 3`,
    );
    expect(await faultOf()).toBeNull();
    const kept = seals[2]?.checkpoint;
    expect((await audit.verify({ kept })).fault).toEqual({ fault: 'seal_missing', seal: 3 });
    expect((await audit.verify({ kept: `${kept}x` })).fault).toMatchObject({ fault: 'checkpoint_forged' });
  });

  test.each([
    ['events = events + 1', 'seal_altered'],
    [`sealed_at = sealed_at - interval '1 hour'`, 'seal_altered'],
    ['until_id = until_id - 1', 'seal_altered'],
    ['until_xid = until_xid - 1', 'seal_altered'],
    ['first_id = first_id + 1', 'seal_altered'],
    ['last_id = last_id + 1', 'seal_altered'],
    ['entries = set_byte(entries, 20, 255 - get_byte(entries, 20))', 'seal_altered'],
    ['previous = set_byte(previous, 1, 255 - get_byte(previous, 1))', 'seal_altered'],
    [`hash = sha256(hash)`, 'seal_altered'],
    [`checkpoint = (SELECT checkpoint FROM sealed WHERE number = 1)`, 'checkpoint_forged'],
    [`checkpoint = 'e30.e30.e30'`, 'checkpoint_forged'],
  ])('a seal with %s is named', async (change, fault) => {
    await audit.tamper(`UPDATE audit_seal SET ${change} WHERE number = 2`);
    expect(await faultOf()).toEqual({ fault, seal: 2 });
  });

  test('a missing seal is named', async () => {
    await audit.tamper('DELETE FROM audit_seal WHERE number = 2');
    expect(await faultOf()).toEqual({ fault: 'seal_missing', seal: 2 });
  });

  test('a seal that was made anew over altered events is not signed by our key', async () => {
    const third = seals[2];
    if (third === undefined) throw new Error('there are three seals');
    await audit.tamper('DELETE FROM audit_seal WHERE number = 3');
    await audit.tamper(`UPDATE audit_event SET purpose = 'TREAT' WHERE id = ${idAt(12)}`);
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const theirs = { ...(await exportJWK(privateKey)), kid: audit.keys[0]?.kid };
    const [made] = await audit.seal();
    if (made === undefined) throw new Error('the events are sealed anew');
    expect(await faultOf()).toBeNull();
    const checkpoint = await signCheckpoint(createSigner([theirs]), AUDIT_ISSUER, made, sealHash(made));
    await audit.tamper(`UPDATE audit_seal SET checkpoint = '${checkpoint}' WHERE number = 3`);
    expect(await faultOf()).toEqual({ fault: 'checkpoint_forged', seal: 3 });
    expect((await audit.verify({ kept: third.checkpoint })).fault).toEqual({
      fault: 'seal_altered',
      seal: 3,
    });
  });

  test('what no seal covers yet is told as such, and sealed next', async () => {
    await audit.append(4);
    expect(await audit.verify()).toMatchObject({ fault: null, events: 14, unsealed: 4 });
    expect(await audit.seal()).toHaveLength(1);
    expect(await audit.verify()).toMatchObject({ fault: null, events: 18, unsealed: 0 });
  });

  test('the database refuses to change a seal', async () => {
    for (const sql of ['UPDATE audit_seal SET events = 0', 'DELETE FROM audit_seal', 'TRUNCATE audit_seal'])
      await expect(audit.store.sql(sql, [])).rejects.toThrow('audit_seal is append-only');
  });
});
