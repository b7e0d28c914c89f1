import assert from 'node:assert/strict';
import type {Appraisal} from '@forgeone/wasm';
import {appraisal} from '../../contracts.ts';
import type {Test} from '../context.ts';
import {type Open, type SuiteOptions, suite} from '../suite.ts';

const digest = `sha256:${'0a'.repeat(32)}`;
const evidence: Appraisal.Evidence = {digest, imports: [], powers: [], isolation: 'process'};
const claims = ['authenticity', 'behaviour', 'configuration', 'executables', 'freshness', 'integrity', 'isolation', 'provenance'];

/** What every provider of `forgeone:security/appraisal` keeps. */
export function appraisalContract(test: Test, plugin: Open, options: SuiteOptions = {}): void {
	const promise = suite(test, 'appraisal', plugin, options);

	promise('all eight claims are there, each a signed byte, whatever the evidence', async kernel => {
		const {appraise} = kernel.as('one')(appraisal);
		const all = [evidence, {...evidence, digest: ''}, {...evidence, powers: ['net:*:443'], imports: ['wasi:cli/run@0.2.0']}];
		for (const given of [...all, {...evidence, pinned: digest}]) {
			const vector = await appraise(given);
			assert.deepEqual(Object.keys(vector).sort(), claims);
			for (const [name, claim] of Object.entries(vector))
				assert.ok(Number.isInteger(claim) && claim >= -128 && claim <= 127, `${name} ${claim}`);
		}
	});

	promise('a digest that is not the one asked for contraindicates, one that can not be read fails', async kernel => {
		const {appraise} = kernel.as('one')(appraisal);
		const integrity = async (given: Appraisal.Evidence) => (await appraise(given)).integrity;
		const affirmed = await integrity({...evidence, pinned: digest});
		assert.ok(affirmed >= 2 && affirmed <= 31, `${affirmed}`);
		const other = await integrity({...evidence, pinned: digest.replace('0', '1')});
		assert.ok(other >= 96, `${other}`);
		assert.equal(await integrity({...evidence, digest: 'sha256:'}), -1);
	});

	promise('a weaker isolation is never claimed to be better', async kernel => {
		const {appraise} = kernel.as('one')(appraisal);
		const isolations = ['sandbox', 'process', 'thread', 'inline'] as const;
		const found = await Promise.all(isolations.map(async isolation => (await appraise({...evidence, isolation})).isolation));
		assert.deepEqual(
			[...found].sort((a, b) => a - b),
			found,
		);
	});
}
