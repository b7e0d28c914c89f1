import {admission, attachment, containers, definePlugin, handlers} from '@forgeone/sdk';
import {createContainers} from './containers.ts';
import {createImages} from './images.ts';
import {openRecords} from './records.ts';
import {createThreads} from './thread.ts';

/** Runs components as containers, each in a cell. */
export default definePlugin({
	name: 'runtime',
	provides: {containers, handlers},
	opens: [admission, attachment],
	setup({state, log, scope, hooks}) {
		const threads = createThreads();
		scope.defer(() => threads.close());
		const records = openRecords(state);
		scope.defer(() => records.close());
		const engine = createContainers({
			state,
			log,
			records,
			image: createImages(),
			isolations: [threads],
			admission: hooks.call(admission),
			attachment: hooks.call(attachment),
		});
		engine.recover();
		scope.defer(() => engine.close());
		const {create, handle, ...others} = engine;
		return {
			containers: caller => ({...others, create: spec => create(caller, spec)}),
			handlers: () => ({handle}),
		};
	},
});
