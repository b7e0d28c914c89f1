import {definePlugin, handover, store} from '@forgeone/sdk';
import {openDatabase} from '../database.ts';
import {openEntries} from './entries.ts';

const schema =
	'CREATE TABLE IF NOT EXISTS entries (owner TEXT, key BLOB, value BLOB NOT NULL, PRIMARY KEY (owner, key)) STRICT, WITHOUT ROWID;';

/** Keeps keys and values for plugins, on disk, and hands them over to another store in a swap, or takes what that has. */
export default definePlugin({
	name: 'store',
	provides: {store, handover},
	setup({scope, state}) {
		const database = openDatabase(state, 'store.sqlite', schema);
		scope.defer(() => database.close());
		const entries = openEntries(database);
		return {store: ({subject}) => entries.of(subject), handover: () => entries.handover};
	},
});
