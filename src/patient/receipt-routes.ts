import Router from '@koa/router';
import type { Context } from 'koa';
import { signStatement } from '../audit/signed-statement.ts';
import { isPurpose } from '../policy/purpose-of-use.ts';
import type { Account } from '../store/accounts.ts';
import { findReceipt, type ReceiptFacts } from '../store/receipts.ts';
import { PageError } from '../web/page-error.ts';
import type { PatientDeps } from './deps.ts';
import { RECEIPT_TYPE, receiptClaims } from './receipt.ts';
import { receiptView } from './receipt-view.ts';
import { patientOrSignIn } from './signed-in.ts';
import { zoneOf } from './time-zone.ts';
import { whoseRecord } from './whose-record.ts';

/** The readable page of a receipt, and the receipt itself: signed for others to check, plain for programs. */
export function receiptRoutes(deps: PatientDeps): Router {
  const { store, pages, issuer, operatorName } = deps;
  const router = new Router();

  /** Hers, or of somebody whom she may act for now. */
  const receiptFor = async (ctx: Context, person: Account): Promise<ReceiptFacts> => {
    const receipt = await findReceipt(store, person.id, String(ctx.params.id));
    if (receipt === undefined) throw new PageError(404, 'not-found');
    if (receipt.patientId !== person.id) await whoseRecord(deps, person, receipt.patientId);
    return receipt;
  };

  router.get('/my/receipts/:id', async (ctx) => {
    const person = await patientOrSignIn(deps, ctx);
    if (person === undefined) return;
    const receipt = await receiptFor(ctx, person);
    const t = pages.translate(ctx);
    const purpose = isPurpose(receipt.purpose) ? t(`purpose.${receipt.purpose}`) : receipt.purpose;
    const facts = { receipt, personId: person.id, operatorName, purpose, zone: zoneOf(ctx) };
    pages.renderPage(ctx, 'receipt', receiptView(facts, t, pages.localeOf(ctx)));
  });

  const download = (ctx: Context, type: string, extension: string, body: string) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Content-Type', type);
    ctx.set('Content-Disposition', `attachment; filename="receipt.${extension}"`);
    ctx.body = body;
  };

  router.get('/my/receipts/:id/receipt.jws', async (ctx) => {
    const person = await patientOrSignIn(deps, ctx);
    if (person === undefined) return;
    const claims = receiptClaims(await receiptFor(ctx, person), { issuer, operatorName });
    download(ctx, 'application/jose', 'jws', await signStatement(deps, RECEIPT_TYPE, claims));
  });

  router.get('/my/receipts/:id/receipt.json', async (ctx) => {
    const person = await patientOrSignIn(deps, ctx);
    if (person === undefined) return;
    const claims = receiptClaims(await receiptFor(ctx, person), { issuer, operatorName });
    download(ctx, 'application/json; charset=utf-8', 'json', `${JSON.stringify(claims, null, 2)}\n`);
  });

  return router;
}
