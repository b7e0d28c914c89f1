import {attachment, calls, definePlugin, volumes} from '@forgeone/sdk';
import {allowances} from './allowances.ts';
import {openAttached} from './attached.ts';
import {openBlobs} from './blobs.ts';
import {blobstore} from './blobstore.ts';
import {serving} from './calls.ts';
import {files} from './files.ts';
import {keyvalue} from './keyvalue.ts';
import {mountAll} from './mounts.ts';
import {openRecords} from './records.ts';
import {checkName, openVolumes} from './volumes.ts';

export type {Descriptor} from './cell/descriptor.ts';

const cell = new URL('./cell/index.js', import.meta.url).href;

/** What containers import that is hosted here. */
const hosted = /^wasi:(filesystem|keyvalue|blobstore)\//;

/**
 * Keeps what must last of containers, folders and stores, and hosts `wasi:filesystem`, `wasi:keyvalue` and `wasi:blobstore` in their
 * cells. Keys and values for plugins are kept by `store`.
 */
export default definePlugin({
	name: 'storage',
	provides: {volumes},
	taps: [attachment, calls],
	setup({name, scope, state, hooks}) {
		const database = openRecords(state);
		scope.defer(() => database.close());
		const folders = openVolumes(database, state);
		const attached = openAttached(database);

		hooks.tap(attachment, {
			attach(parts, {container, grants, imports}) {
				if (grants.mounts.length === 0 && !imports.some(id => hosted.test(id))) return parts;
				const {stores = []} = grants;
				for (const {name} of stores) checkName(name);
				const mounts = mountAll(container, grants.mounts, folders);
				attached.put(container, {mounts, stores});
				const roots = mounts.map(({path, readOnly}) => ({path, readOnly}));
				return [...parts, {plugin: name, module: cell, data: JSON.stringify({mounts}), folders: roots, listeners: []}];
			},
			detach(container) {
				folders.release(container);
				attached.release(container);
			},
		});

		const serve = serving({
			...allowances(folders),
			...files(attached),
			...keyvalue(database, attached),
			...blobstore(openBlobs(database, state), attached),
		});
		hooks.tap(calls, {
			take(container, plugin, call) {
				if (plugin !== name) return undefined;
				// Whether it ends well or not is the cell's to hear.
				void serve(container, call).catch(() => undefined);
				return true;
			},
		});

		const {create, list, inspect, remove} = folders;
		return {volumes: () => ({create, list, inspect, remove})};
	},
});
