import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createKernel, link, type PluginEntry, type Use} from '@forgeone/core';
import storage from '@forgeone/plugin-storage';
import {attachment, definePlugin} from '@forgeone/sdk';
import type {Attachment, Link} from '@forgeone/wasm';

/** A policy that allows every link, for tests that are not about it. */
const allowing = definePlugin({
	name: 'policy',
	taps: [link],
	setup({hooks}) {
		hooks.tap(link, {decide: (): Link.Verdict => ({tag: 'allowed'})});
		return {};
	},
});

type Attaching = {attach(request: Attachment.Request): Promise<Attachment.Part[]>; detach(container: string): Promise<void>};

/** A kernel with storage, a state folder of its own, and one plugin that opens the hook of attachments. */
export async function bootStorage(plugins: Readonly<Record<string, PluginEntry>> = {}, state = mkdtempSync(join(tmpdir(), 'forge-'))) {
	let attaching: Attaching | undefined;
	const runtime = definePlugin({
		name: 'runtime',
		opens: [attachment],
		setup({hooks}) {
			const {attach, detach} = hooks.call(attachment);
			attaching = {attach: async request => attach([], request), detach: async container => detach(container)};
			return {};
		},
	});
	const kernel = createKernel({state});
	await kernel.boot({plugins: {policy: allowing, storage, runtime, ...plugins}});
	const end = async () => {
		await kernel.stop();
		rmSync(state, {recursive: true, force: true});
	};
	return {kernel, state, attachments: attaching as Attaching, [Symbol.asyncDispose]: end};
}

/** A plugin that does nothing but use contracts; `take` gives what it was given. */
export function consumer<U extends Parameters<typeof definePlugin>[0]['uses'] & {}>(uses: U) {
	const given = Promise.withResolvers<{readonly [K in keyof U]: Use<U[K] extends {readonly shape?: infer T} ? NonNullable<T> : never>}>();
	const plugin = definePlugin({
		name: 'consumer',
		uses,
		setup(context) {
			given.resolve(context.uses as never);
			return {};
		},
	});
	return {plugin, given: given.promise};
}
