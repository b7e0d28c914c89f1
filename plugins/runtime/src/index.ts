import {admission, attachment, audit, calls, containers, definePlugin, handlers, logSink} from '@forgeone/sdk';
import {config} from './config.ts';
import {createContainers} from './containers.ts';
import {createImages} from './images.ts';
import {createInline} from './isolation/inline.ts';
import {createProcesses} from './isolation/process.ts';
import {createSandboxes} from './isolation/sandbox.ts';
import {createThreads} from './isolation/thread.ts';
import type {Isolation} from './isolation.ts';
import {openRecords} from './records.ts';
import {createSinks} from './sinks.ts';

/** Makes the plugin that runs components as containers, each in a cell; `makers` make the isolations that they may have, given a folder for state. */
export const createRuntime = (makers: readonly ((state: string) => Isolation)[]) =>
	definePlugin({
		name: 'runtime',
		provides: {containers, handlers},
		uses: {audit},
		opens: [admission, attachment, calls, logSink],
		config,
		setup({state, log, scope, hooks, uses, config: {isolations: wanted, clock}}) {
			const isolations = makers.map(make => make(state)).filter(({name}) => wanted.includes(name));
			for (const isolation of isolations) scope.defer(() => isolation.close());
			const records = openRecords(state);
			scope.defer(() => records.close());
			const sinks = createSinks(hooks.call(logSink), log);
			hooks.watch(logSink, sinks.tapped);
			const engine = createContainers({
				state,
				log,
				records,
				image: createImages(),
				isolations,
				clock,
				admission: hooks.call(admission),
				attachment: hooks.call(attachment),
				calls: hooks.call(calls),
				sinks,
				append: entry => uses.audit().append(entry),
			});
			engine.recover();
			scope.defer(() => engine.close());
			const {create, open, ...others} = engine;
			return {
				containers: caller => ({...others, create: spec => create(caller, spec)}),
				handlers: () => ({open}),
			};
		},
	});

/** The usual one: `inline`, `thread`, `process` and `sandbox`. */
export default createRuntime([createInline, createThreads, createProcesses, createSandboxes]);

export {createProcesses};
