import {attachment, definePlugin, store, volumes} from '@forgeone/sdk';
import {openDatabase} from './database.ts';
import {mountAll} from './mounts.ts';
import {createStore} from './store.ts';
import {openVolumes} from './volumes.ts';

export type {Descriptor} from './cell/descriptor.ts';

const cell = new URL('./cell/index.js', import.meta.url).href;

/** Keeps what must last: keys and values for plugins, folders for containers, which it hosts `wasi:filesystem` for in their cells. */
export default definePlugin({
	name: 'storage',
	provides: {store, volumes},
	taps: [attachment],
	setup({name, scope, state, hooks}) {
		const database = openDatabase(state);
		scope.defer(() => database.close());
		const entries = createStore(database);
		const folders = openVolumes(database, state);

		hooks.tap(attachment, {
			attach(parts, {container, grants, imports}) {
				if (grants.mounts.length === 0 && !imports.some(id => id.startsWith('wasi:filesystem/'))) return parts;
				const mounts = mountAll(container, grants.mounts, folders);
				const roots = mounts.map(({path, readOnly}) => ({path, readOnly}));
				return [...parts, {plugin: name, module: cell, data: JSON.stringify({mounts}), folders: roots, listeners: []}];
			},
			detach: container => folders.release(container),
		});

		const {create, list, inspect, remove} = folders;
		return {store: caller => entries(caller.subject), volumes: () => ({create, list, inspect, remove})};
	},
});
