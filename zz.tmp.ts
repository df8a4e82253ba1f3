import { BRIEF } from './src/store/introspection-statements.ts';
import { accessTokenKey } from './src/store/access-token-key.ts';
import pg from 'pg'; import { readFileSync } from 'node:fs';
const db=JSON.parse(readFileSync('/tmp/i5lab/b2.json','utf8'));
const sched=(pid:number)=>Number(readFileSync(`/proc/${pid}/schedstat`,'utf8').split(' ')[0])/1000;
const SET="select set_config('plan_cache_mode','force_generic_plan',false), set_config('jit','off',false),    set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false),    set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false)";
const toks=db.thousand as string[]; const ids=toks.map(t=>accessTokenKey(t)!.id); const slot=accessTokenKey(toks[0]!)!.slot; const grants=toks.map((_,i)=>'grant-'+(10001+i));
const N=Number(process.argv[2]??16);
const B=BRIEF[slot]!;
const at=(c:string)=>`round(date_part('epoch', ${c}) * 1000)`;
const KNOWN=`SELECT q.n::int, CASE WHEN q.n = 1 THEN json_build_array(k.registry_version, k.value, ${at('now()')}) END, ${at('t.expires_at')}, ${at('g.expires_at')},
 CASE WHEN t.revoked_at IS NOT NULL OR g.revoked_at IS NOT NULL OR d.withdrawn_at IS NOT NULL OR d.representation_id IS NOT NULL THEN json_build_object('tokenRevokedAt', ${at('t.revoked_at')}, 'grantRevokedAt', ${at('g.revoked_at')}, 'consentWithdrawnAt', ${at('d.withdrawn_at')}, 'representationStartsAt', ${at('r.starts_at')}, 'representationEndsAt', ${at('r.ends_at')}, 'representationEndedAt', ${at('r.ended_at')}) END, $2::bigint
 FROM unnest($1::uuid[], $3::text[]) WITH ORDINALITY AS q (id, grant_id, n) JOIN revocation_clock k ON k.id = 1
 LEFT JOIN partition.access_token_${slot} t ON t.slot = ${slot} AND t.id = q.id LEFT JOIN oidc_payload g ON g.model = 'Grant' AND g.grant_id = q.grant_id LEFT JOIN consent d ON d.grant_id = q.grant_id LEFT JOIN representation r ON r.id = d.representation_id`;
const NOREP=KNOWN.replace(/ LEFT JOIN representation.*$/,'').replaceAll(/round\(date_part\('epoch', r\.\w+\) \* 1000\)/g,'NULL');
const RAW=KNOWN.replace(/round\(date_part\('epoch', (t|g)\.expires_at\) \* 1000\)/g,"date_part('epoch', $1.expires_at)");
const p=(a:number)=>[ids.slice(a,a+N),0,grants.slice(a,a+N)];
const v:any={brief:B,known:KNOWN,norep:NOREP,raw:RAW, noconsent:NOREP.replace(/LEFT JOIN consent d ON d.grant_id = q.grant_id/,'').replace('OR d.withdrawn_at IS NOT NULL OR d.representation_id IS NOT NULL','').replaceAll("round(date_part('epoch', d.withdrawn_at) * 1000)",'NULL')};
const conns:any={}; for(const k in v){ const c=new pg.Client({connectionString:db.url}); await c.connect(); await c.query(SET); conns[k]=[c,(await c.query('select pg_backend_pid() p')).rows[0].p]; }
const res:any={};
for(let r=0;r<14;r++) for(const k in v){ const [c,pid]=conns[k]; const q=(i:number)=>c.query({name:'b',text:v[k],values:p((i*N)%9000),rowMode:'array'}); for(let i=0;i<40;i++) await q(i); const s0=sched(pid); for(let i=0;i<300;i++) await q(i*7+r); (res[k]??=[]).push((sched(pid)-s0)/300/N); }
for(const k in res){ const a=res[k].sort((x:number,y:number)=>x-y); console.log(k.padEnd(14),'pg min',a[0].toFixed(2),'q1',a[3].toFixed(2),'med',a[7].toFixed(2)); }
process.exit();
