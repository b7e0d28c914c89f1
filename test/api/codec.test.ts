import {decode, nearest, parse, stringify} from '@forgeone/sdk/client';
import {Output, routes} from '@forgeone/sdk/routes';
import {functions} from '@forgeone/wasm';
import test from 'ava';
import fc from 'fast-check';

const fail = ({where, reason}: {where: string; reason: string}): never => {
	throw new Error(`${where}: ${reason}`);
};

const u64 = fc.bigInt({min: 0n, max: 2n ** 64n - 1n});

test('what is written as JSON is read back as it was: integers of 64 bits, and bytes', t => {
	const output = fc.record({sequence: u64, time: u64, source: fc.constantFrom('stdout', 'stderr'), data: fc.uint8Array()});
	fc.assert(fc.property(output, value => t.deepEqual(decode(Output, parse(stringify(value)), fail) as unknown, value)));
});

test('any JSON is what the schema says, or is refused', t => {
	fc.assert(
		fc.property(fc.json(), text => {
			t.throws(() => decode(Output, parse(text), fail));
		}),
	);
});

test('A4: what nests too deep is refused before anything is built', t => {
	t.throws(() => parse('['.repeat(100_000)), {instanceOf: SyntaxError, message: /deeper/});
	t.throws(() => parse(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`), {instanceOf: SyntaxError});
	t.notThrows(() => parse(`"${'['.repeat(100)}"`));
});

test('the table of routes has every function that an engine has, each once', t => {
	const contracts = {
		containers: 'forgeone:runtime/containers@0.1.0',
		volumes: 'forgeone:storage/volumes@0.1.0',
		plugins: 'forgeone:kernel/plugins@0.1.0',
		listeners: 'forgeone:network/listeners@0.1.0',
		networks: 'forgeone:network/networks@0.1.0',
		appraisal: 'forgeone:security/appraisal@0.1.0',
	};
	for (const [contract, id] of Object.entries(contracts)) {
		const served = routes.filter(route => route.contract === contract).map(route => route.function);
		t.deepEqual(served.sort(), [...(functions[id] ?? [])].sort(), contract);
	}
	t.is(new Set(routes.map(({method, path}) => `${method} ${path}`)).size, routes.length);
});

test('the nearest key is the one with the fewest changes', t => {
	t.is(nearest('memroy', ['memory', 'timeout']), 'memory');
	t.is(nearest('rnu', ['rm', 'run']), 'run');
	t.is(nearest('x', []), undefined);
});
