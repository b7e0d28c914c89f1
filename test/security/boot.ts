import {mkdtempSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createKernel, link, type PluginEntry} from '@forgeone/core';
import security from '@forgeone/plugin-security';
import audit from '@forgeone/plugin-security/audit';
import store from '@forgeone/plugin-storage/store';
import {admission, definePlugin} from '@forgeone/sdk';
import type {Admission, Link} from '@forgeone/wasm';

/** The audit sink that is a component. */
export const auditComponent = createRequire(import.meta.url).resolve('@forgeone/plugin-security/audit.wasm');

/** A policy that answers every link alike. */
export const answering = (verdict: Link.Verdict) =>
	definePlugin({
		name: 'policy',
		taps: [link],
		setup({hooks}) {
			hooks.tap(link, {decide: () => verdict});
			return {};
		},
	});

/** A kernel with these plugins and a state folder of its own. */
export async function boot(plugins: Readonly<Record<string, PluginEntry>>) {
	const state = mkdtempSync(join(tmpdir(), 'forge-'));
	const kernel = createKernel({state});
	const end = async () => {
		await kernel.stop();
		rmSync(state, {recursive: true, force: true});
	};
	try {
		await kernel.boot({plugins});
	} catch (error) {
		rmSync(state, {recursive: true, force: true});
		throw error;
	}
	return {kernel, [Symbol.asyncDispose]: end};
}

/** Security with all it needs, and a plugin that asks for admission in the place of the runtime. */
export async function bootSecurity(config?: unknown, plugins: Readonly<Record<string, PluginEntry>> = {}) {
	let admit: ((request: Admission.Request, before?: Admission.Verdict) => Promise<Admission.Verdict>) | undefined;
	const runtime = definePlugin({
		name: 'runtime',
		opens: [admission],
		setup({hooks}) {
			const hook = hooks.call(admission);
			admit = async (request, before = {tag: 'undecided'}) => hook.admit(before, request);
			return {};
		},
	});
	const booted = await boot({store, audit, security: {use: security, config}, runtime, ...plugins});
	return {...booted, admit: admit as NonNullable<typeof admit>};
}
