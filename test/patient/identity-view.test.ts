import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { identityView } from '../../src/patient/identity-view.ts';
import { en, es, identityFacts } from './sample-facts.ts';

describe('the page of a login-only app', () => {
  test('says in this order who asks, why, what it learns and until when', () => {
    expect(identityView(identityFacts(), en, 'en')).toEqual({
      actionUrl: '/interaction/1/consent',
      switchUrl: '/interaction/1/switch',
      appName: 'Lantern Health',
      heading: 'Sign in to Lantern Health?',
      signedIn: 'You are signed in as Ana Rivera.',
      who: {
        organization: 'Lantern Health Incorporated',
        websiteHost: 'lantern.example',
        logoUrl: null,
        policyUrl: 'https://lantern.example/privacy',
        reviewed: 'Test network reviewed this app on September 4, 2026.',
        attested: expect.stringContaining('Lantern Health Incorporated has said in writing'),
        warning: null,
        platform: null,
      },
      why: { purpose: en('purpose.PATRQT'), statement: 'Lantern shows your lab results over time.' },
      learns: [
        'A number that stands for you, the same each time, so that Lantern Health knows you again.',
        'Your name: Ana Rivera.',
      ],
      nothingElse: 'Lantern Health sees nothing of your health record.',
      ends: 'Until you sign out here, and no longer than December 4, 2026.',
    });
  });

  test('names the platform that acts for the app', () => {
    const facts = identityFacts();
    const platform = { name: 'Relay', organizationName: 'Relay Works' };
    const view = identityView({ ...facts, app: { ...facts.app, platform } }, en, 'en');
    expect(view.who.platform).toMatch(/^Lantern Health works through Relay\. .*Relay Works\./);
    expect(readFileSync('views/identity.eta', 'utf8')).toContain('<%= view.who.platform %>');
  });

  test('leaves the name out where the app does not ask for it', () => {
    const { learns } = identityView(identityFacts({ name: false }), es, 'es');
    expect(learns).toEqual([expect.stringContaining('Un número que le representa')]);
  });

  test('warns of an app that nobody reviewed', () => {
    const facts = identityFacts();
    const { who } = identityView({ ...facts, app: { ...facts.app, reviewedAt: null } }, en, 'en');
    expect(who.warning).toContain('We have not reviewed this app.');
  });
});
