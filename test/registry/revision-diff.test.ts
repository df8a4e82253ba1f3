import { describe, expect, test } from '@jest/globals';
import { revisionDiff } from '../../src/registry/revision-diff.ts';
import { revision, useCase } from '../setup/sample-revision.ts';

describe('what changes between two revisions', () => {
  test('is nothing between one and itself', () => {
    expect(revisionDiff(revision, revision)).toEqual([]);
    const kept = {
      ...revision,
      id: 'r',
      appId: 'a',
      number: 2,
      createdAt: new Date(),
      createdBy: 'x',
      endsAt: null,
    };
    expect(revisionDiff(revision, kept)).toEqual([]);
  });

  test('is told field by field, lists as what came and what went', () => {
    const after = {
      ...revision,
      name: 'Brighter Results',
      redirectUris: ['https://bright.example/back'],
      scopeCeiling: `${revision.scopeCeiling.replace('offline_access ', '')} patient/Condition.rs`,
      subprocessors: [{ organizationId: 'cloud', service: 'hosting' as const }],
      useCase: { ...useCase, access: 'change' as const, volume: null },
      dataUse: { ...revision.dataUse, ai: { answer: 'learns', explanation: 'To be better.' } },
    };
    const told = Object.fromEntries(revisionDiff(revision, after).map(({ field, ...diff }) => [field, diff]));
    const plain = { added: [], removed: [] };
    expect(told).toEqual({
      name: { before: 'Bright Results', after: 'Brighter Results', ...plain },
      redirectUris: {
        ...{ before: revision.redirectUris, after: after.redirectUris },
        ...{ added: ['https://bright.example/back'], removed: ['https://bright.example/callback'] },
      },
      scopeCeiling: {
        ...{ before: revision.scopeCeiling.split(' '), after: after.scopeCeiling.split(' ') },
        ...{ added: ['patient/Condition.rs'], removed: ['offline_access'] },
      },
      subprocessors: { before: [], after: ['cloud hosting'], added: ['cloud hosting'], removed: [] },
      'useCase.access': { before: 'view', after: 'change', ...plain },
      'useCase.volume.requestsPerHour': { before: 600, after: null, ...plain },
      'useCase.volume.patientsPerDay': { before: 200, after: null, ...plain },
      'dataUse.ai.answer': { before: 'none', after: 'learns', ...plain },
      'dataUse.ai.explanation': { before: null, after: 'To be better.', ...plain },
    });
  });

  test('is not the order of scopes or of subprocessors', () => {
    const [one, other] = [
      { organizationId: 'a', service: 'ai' as const },
      { organizationId: 'b', service: 'hosting' as const },
    ];
    const scopes = revision.scopeCeiling.split(' ');
    const before = { ...revision, subprocessors: [one, other] };
    const after = { ...before, subprocessors: [other, one], scopeCeiling: scopes.reverse().join(' ') };
    expect(revisionDiff(before, after)).toEqual([]);
  });

  test('is all that there is, where there was nothing before', () => {
    const told = revisionDiff(null, revision);
    expect(told.map(({ before }) => before)).toEqual(told.map(() => null));
    const fields = told.map(({ field }) => field);
    expect(fields).toEqual(
      expect.arrayContaining(['name', 'purposes', 'useCase.categories', 'dataUse.funding.answer']),
    );
    // What is empty is not worth a line.
    expect(fields).not.toContain('launchUris');
    expect(fields).not.toContain('tosUrl');
    expect(told.find(({ field }) => field === 'purposes')).toMatchObject({ added: ['PATRQT'] });
  });
});
