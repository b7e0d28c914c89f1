import {type AnyPlugin, type Kernel, middleware} from '@forgeone/sdk';
import {guest} from '../../support/guests.ts';
import {table, times} from '../measure.ts';
import {load} from './load.ts';

const CONNECTIONS = 8;
const SECONDS = 3;

const passing: AnyPlugin = {
	name: 'passing',
	taps: [middleware],
	setup({hooks}) {
		hooks.tap(middleware, {onRequest: step => step, onResponse: headers => headers});
		return {};
	},
};

/** What a middleware costs, at a port that a cell serves without one, and at the gateway. It stays in this kernel: call it last. */
export async function guarded(kernel: Kernel, own: string, gateway: string): Promise<void> {
	const rows: [name: string, own: number, gateway: number][] = [];
	const measure = async (name: string) => {
		const [first, second] = [await load(own, CONNECTIONS, SECONDS), await load(gateway, CONNECTIONS, SECONDS)];
		rows.push([name, first.rate, second.rate]);
	};
	await measure('none');
	await kernel.register('middleware', passing);
	await kernel.start();
	await measure('in TypeScript, which passes all on');
	await kernel.swap('middleware', await guest('guard'));
	await measure('in AssemblyScript, which changes headers');
	const [none] = rows;
	table(
		['middleware', `own port, requests/s, ${CONNECTIONS} connections`, 'of none', 'gateway', 'of none'],
		rows.map(([name, first, second]) => [
			name,
			first.toFixed(0),
			times(first / (none?.[1] ?? 0)),
			second.toFixed(0),
			times(second / (none?.[2] ?? 0)),
		]),
	);
}
