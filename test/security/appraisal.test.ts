import {appraise, disqualified, tierOf} from '@forgeone/plugin-security';
import {appraisal} from '@forgeone/sdk';
import test from 'ava';
import {bootSecurity} from './boot.ts';

const digest = `sha256:${'0a'.repeat(32)}`;
const evidence = {digest, imports: [], powers: [], isolation: 'thread'} as const;
const given = {...evidence, imports: [...evidence.imports], powers: [...evidence.powers]};

test('each claim follows from its evidence, and all eight are there', t => {
	const unknown = {authenticity: 33, provenance: 33, freshness: 0, behaviour: 33};
	t.deepEqual(appraise(given), {integrity: 32, configuration: 3, executables: 3, isolation: 32, ...unknown});
	const pins: [string, string | undefined, number][] = [
		[digest, undefined, 32],
		[digest, digest, 2],
		[digest, digest.replace('0', '1'), 99],
		[digest, digest.toUpperCase(), 99],
		[digest, '', 99],
		['', '', -1],
		[`${digest}\n`, `${digest}\n`, -1],
	];
	for (const [digest, pinned, claim] of pins) {
		t.is(appraise({...given, digest, ...(pinned === undefined ? {} : {pinned})}).integrity, claim, `${digest} ${pinned}`);
	}
	const powers: [string[], number][] = [
		[[], 3],
		[['net:a.example:443'], 2],
		[['net:*.example:443', 'volume:data:/:rw', 'publish:0.0.0.0:80'], 2],
		[['net:*:443'], 33],
		[['volume:data:/data:ro', 'volume:/:/host:ro'], 33],
	];
	for (const [asked, claim] of powers) t.is(appraise({...given, powers: asked}).configuration, claim, asked.join());
	t.is(appraise({...given, imports: ['wasi:cli/run']}).executables, 2);
	const isolations = {sandbox: 2, process: 3, thread: 32, inline: 33} as const;
	for (const [isolation, claim] of Object.entries(isolations)) {
		t.is(appraise({...given, isolation: isolation as keyof typeof isolations}).isolation, claim);
	}
});

test('every signed byte has its tier, a negative one that of the value it mirrors', t => {
	const tiers: [number, number, string][] = [
		[-128, -97, 'contraindicated'],
		[-96, -33, 'warning'],
		[-32, -2, 'affirming'],
		[-1, -1, 'failed'],
		[0, 1, 'none'],
		[2, 31, 'affirming'],
		[32, 95, 'warning'],
		[96, 127, 'contraindicated'],
	];
	for (const [from, to, tier] of tiers) for (let claim = from; claim <= to; claim++) t.is(tierOf(claim), tier as never, `${claim}`);
	for (const claim of [-129, 128, 1.5, Number.NaN]) t.is(tierOf(claim), 'failed');
});

test('one claim that is contraindicated or failed disqualifies, whichever it is, and nothing else does', t => {
	const vector = appraise(given);
	t.is(disqualified(vector), undefined);
	for (const name of Object.keys(vector)) {
		for (let claim = -128; claim <= 127; claim++) {
			const bad = claim >= 96 || claim === -1 || claim <= -97;
			t.is(disqualified({...vector, [name]: claim}) !== undefined, bad, `${name} ${claim}`);
		}
	}
});

test('the contract gives the same appraisal', async t => {
	await using booted = await bootSecurity();
	t.deepEqual(await (await booted.kernel.link(appraisal))().appraise(given), appraise(given));
});
