import {identities, link} from '@forgeone/core';
import security from '@forgeone/plugin-security';
import auditSink from '@forgeone/plugin-security/audit';
import storePlugin from '@forgeone/plugin-storage/store';
import {audit, definePlugin, principals, store} from '@forgeone/sdk';
import {type Admission, ForgeError, type Link} from '@forgeone/wasm';
import test from 'ava';
import {auditComponent, boot, bootSecurity} from './boot.ts';
import {ALL} from './entries.ts';

const digest = `sha256:${'0a'.repeat(32)}`;

function request(spec: Partial<Admission.Request['spec']> = {}, subject = 'user:1000'): Admission.Request {
	const lists = {arguments: [], environment: [], config: [], mounts: [], publish: [], egress: [], routes: [], networks: []};
	const switches = {restart: 'no', attached: false, interactive: false, remove: false} as const;
	const limits = {memory: 1n};
	return {subject, via: [], spec: {image: '/app.wasm', ...lists, ...switches, limits, ...spec}, digest, imports: [], isolation: 'thread'};
}

const refusal = (verdict: Admission.Verdict): string => (verdict.tag === 'refused' ? verdict.val : '');

test('a person is granted what they ask for, and a container nothing', async t => {
	await using booted = await bootSecurity();
	const asked = {
		mounts: [{source: '/srv/../srv/data/', target: '/data', readOnly: true}],
		publish: [{address: '127.0.0.1', port: 80}],
		egress: ['a.example:443'],
		routes: ['a.example/x'],
		networks: ['front'],
		stores: [{kind: 'keyvalue' as const, name: 'sessions'}],
	};
	const verdict = await booted.admit(request(asked));
	const mounts = [{source: '/srv/data', target: '/data', readOnly: true}];
	t.deepEqual(verdict.tag === 'allowed' && verdict.val.grants, {...asked, mounts, isolation: 'thread'});
	t.is(verdict.tag === 'allowed' && verdict.val.trust.integrity, 32);
	t.regex(refusal(await booted.admit(request({}, 'container:1'))), /^admit "\/app.wasm": no rule allows it/);
});

test('what is not granted in full is refused, with the power and the rule that is missing', async t => {
	const rules = [
		{deny: 'volume', what: '/etc*'},
		{deny: 'admit', what: `sha256:${'0b'.repeat(32)}`},
	];
	await using booted = await bootSecurity({rules});
	const mounts = [{source: '/usr/../etc', target: '/data', readOnly: true}];
	t.regex(
		refusal(await booted.admit(request({mounts}))),
		/^volume "\/etc:\/data:ro": denied by the rule {"deny":"volume","what":"\/etc\*"}$/,
	);
	t.regex(refusal(await booted.admit({...request(), digest: `sha256:${'0b'.repeat(32)}`})), /^admit .* denied/);
	t.is((await booted.admit(request())).tag, 'allowed');

	const links = [
		{allow: 'link', except: 'forgeone:kernel/identities'},
		{allow: 'link', who: 'plugin:security'},
	];
	const narrow = [{allow: 'admit'}, {allow: 'isolation', what: 'thread'}, {allow: 'net', who: 'user:1000', what: '*:443'}];
	await using strict = await bootSecurity({defaults: false, rules: [...links, ...narrow]});
	t.is((await strict.admit(request({egress: ['a.example:443']}))).tag, 'allowed');
	const missing = refusal(await strict.admit(request({egress: ['a.example:443', 'a.example:80']})));
	t.is(missing, 'net "a.example:80": no rule allows it; this one would: {"allow":"net","who":"user:1000","what":"a.example:80"}');
	t.regex(refusal(await strict.admit({...request(), isolation: 'inline'})), /^isolation "inline"/);
	t.regex(refusal(await strict.admit(request({publish: [{address: '::1', port: 80}]}))), /^publish "\[::1\]:80"/);
	t.regex(refusal(await strict.admit(request({publish: [{address: '::1', port: 80, protocol: 'udp'}]}))), /^publish "\[::1\]:80\/udp"/);
});

test('bytes that are not the pinned ones are refused, whatever the rules say', async t => {
	await using booted = await bootSecurity();
	t.is((await booted.admit(request({digest}))).tag, 'allowed');
	t.regex(refusal(await booted.admit(request({digest: digest.replace('0', '1')}))), /integrity is contraindicated \(99\)/);
	t.regex(refusal(await booted.admit({...request(), digest: 'nonsense'})), /integrity is failed \(-1\)/);
});

test('a refusal of another plugin stays, and what it allowed only a rule that denies can end', async t => {
	await using booted = await bootSecurity({rules: [{deny: 'net', what: '*:25'}]});
	const before: Admission.Verdict = {tag: 'refused', val: 'not today'};
	t.deepEqual(await booted.admit(request(), before), before);
	const allowed = await booted.admit(request());
	const theirs = request({egress: ['a.example:443']}, 'container:1');
	const verdict = await booted.admit(theirs, allowed);
	t.deepEqual(verdict.tag === 'allowed' && verdict.val.grants.egress, []);
	if (allowed.tag !== 'allowed') return t.fail();
	const generous: Admission.Verdict = {tag: 'allowed', val: {...allowed.val, grants: {...allowed.val.grants, egress: ['a.example:25']}}};
	t.regex(refusal(await booted.admit(theirs, generous)), /^net "a.example:25": denied/);
});

test('every decision is on record, links and admissions, yes and no', async t => {
	await using booted = await bootSecurity();
	await booted.admit(request());
	await booted.admit(request({}, 'container:1'));
	const entries = await (await booted.kernel.link(audit))().recent(ALL);
	const lines = entries.map(({subject, action, object, allowed}) => [allowed ? 'yes' : 'no', subject, action, object].join(' '));
	t.deepEqual(lines.reverse(), [
		'yes plugin:audit link forgeone:storage/store@0.1.0',
		'yes plugin:security link forgeone:kernel/identities@0.1.0',
		'yes plugin:security link forgeone:security/audit@0.1.0',
		'yes user:1000 admit /app.wasm',
		'no container:1 admit /app.wasm',
		'yes plugin:host link forgeone:security/audit@0.1.0',
	]);
	t.regex(entries.find(({allowed}) => !allowed)?.reason ?? '', /no rule allows it/);
	t.true(entries.every(({time}) => Math.abs(Date.now() - Number(time)) < 60_000));
});

test('what is decided in one turn goes on record together, and no answer comes before it is there', async t => {
	const gate = Promise.withResolvers<void>();
	const batches: number[] = [];
	let open = true;
	const sink = definePlugin({
		name: 'audit',
		provides: {audit},
		setup: () => ({
			audit: () => ({
				append: () => t.fail(),
				async appendAll(entries) {
					batches.push(entries.length);
					if (!open) await gate.promise;
				},
				recent: () => [],
			}),
		}),
	});
	await using booted = await bootSecurity(undefined, {audit: sink});
	open = false;
	batches.length = 0;
	let answered = 0;
	const asked = [1, 2, 3].map(() => booted.admit(request()).then(() => answered++));
	await new Promise(setImmediate);
	t.deepEqual([batches, answered], [[3], 0]);
	gate.resolve();
	await Promise.all(asked);
	t.is(answered, 3);
});

test('a decision that can not be recorded is a refusal', async t => {
	let broken = false;
	const sink = definePlugin({
		name: 'audit',
		provides: {audit},
		setup: () => ({
			audit: () => ({
				append: () => t.fail(),
				appendAll() {
					if (broken) throw new Error('the disk is full');
				},
				recent: () => [],
			}),
		}),
	});
	await using booted = await bootSecurity(undefined, {audit: sink});
	t.is((await booted.admit(request())).tag, 'allowed');
	broken = true;
	t.regex(refusal(await booted.admit(request())), /^the decision could not be recorded: .*the disk is full/);
	await t.throwsAsync(booted.kernel.link(store), {code: 'FORGE_LINK_REFUSED', message: /could not be recorded/});
});

test('only security can have identities made, and a component links only where a rule says so', async t => {
	const user = (name: string, implementation: 'typescript' | 'component', uses: NonNullable<Parameters<typeof definePlugin>[0]['uses']>) =>
		definePlugin({name, implementation, uses, setup: () => ({})});
	await using booted = await bootSecurity(undefined, {fine: user('fine', 'typescript', {store})});
	await t.throwsAsync(booted.kernel.link(identities), {code: 'FORGE_LINK_REFUSED', message: /no rule allows it/});
	const thief = user('thief', 'typescript', {identities});
	await t.throwsAsync(bootSecurity(undefined, {thief}), {code: 'FORGE_LINK_REFUSED', message: /"thief".*identities/});
	const guest = user('guest', 'component', {store});
	await t.throwsAsync(bootSecurity(undefined, {guest}), {code: 'FORGE_LINK_REFUSED', message: /{"allow":"link","who":"plugin:guest"/});
	const rules = [{allow: 'link', who: 'plugin:guest', what: 'forgeone:storage/store'}];
	await using allowed = await bootSecurity({rules}, {guest});
	t.true(allowed.kernel.graph().every(({state}) => state === 'running'));
	await t.throwsAsync(bootSecurity({rules: [{deny: 'link', made: 'typescript', what: '*/store'}]}, {guest}), {code: 'FORGE_LINK_REFUSED'});
});

test('a link that another policy refused stays refused', async t => {
	const no = definePlugin({
		name: 'no',
		taps: [link],
		setup({hooks}) {
			hooks.tap(link, {decide: (before, {contract}): Link.Verdict => (contract === store.id ? {tag: 'refused', val: 'never'} : before)});
			return {};
		},
	});
	await t.throwsAsync(boot({no, store: storePlugin, audit: auditSink, security}), {code: 'FORGE_LINK_REFUSED', message: /never/});
});

test('identities are those of the kernel, which takes them as callers', async t => {
	await using booted = await bootSecurity();
	const who = (await booted.kernel.link(principals)).sync();
	const [user, container] = [who.user(1000), who.container('0123456789ab')];
	t.deepEqual([user.subject, user.kind, container.subject, container.kind], ['user:1000', 'user', 'container:0123456789ab', 'container']);
	const entries = await booted.kernel.link(store);
	await entries(user).set('k', new Uint8Array());
	t.deepEqual([(await entries(user).keys('', '', 9)).length, (await entries(container).keys('', '', 9)).length], [1, 0]);
	for (const uid of [-1, 1.5, 2 ** 32, Number.NaN]) t.throws(() => who.user(uid), {code: 'FORGE_PRINCIPAL_INVALID'});
	for (const id of ['', '../x', 'a b', 'x'.repeat(64)]) t.throws(() => who.container(id), {code: 'FORGE_PRINCIPAL_INVALID'});
});

test('a sink that traps is started again, and what is decided then is on record', async t => {
	const kept = new Map<string, Uint8Array>();
	let full = false;
	const memory = definePlugin({
		name: 'store',
		provides: {store},
		setup: () => ({
			store: () => ({
				get: key => kept.get(key),
				set(key, value) {
					if (full) throw new ForgeError('FORGE_FULL', 'limit', 'full', 'empty it');
					kept.set(key, value);
				},
				remove: key => kept.delete(key),
				keys: (prefix, start) => [...kept.keys()].filter(key => key.startsWith(prefix) && key >= start).sort(),
			}),
		}),
	});
	await using booted = await bootSecurity(undefined, {store: memory, audit: auditComponent});
	full = true;
	t.regex(refusal(await booted.admit(request())), /^the decision could not be recorded/);
	full = false;
	t.is((await booted.admit(request())).tag, 'allowed');
	const [admitted, linked] = await (await booted.kernel.link(audit))()
		.recent(3)
		.then(([, ...rest]) => rest);
	t.deepEqual([admitted?.action, linked?.subject], ['admit', 'plugin:audit']);
});

test('the sink can be swapped and be a component while security records in it', async t => {
	await using booted = await bootSecurity(undefined, {audit: auditComponent});
	t.is((await booted.admit(request())).tag, 'allowed');
	for (const sink of [auditSink, auditComponent]) {
		await booted.kernel.swap('audit', sink);
		t.is((await booted.admit(request())).tag, 'allowed');
	}
	const links = (await (await booted.kernel.link(audit))().recent(ALL)).filter(
		({subject, action}) => subject === 'plugin:audit' && action === 'link',
	);
	t.is(links.length, 3);
});
