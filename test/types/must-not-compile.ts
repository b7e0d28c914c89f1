// Each line below an `@ts-expect-error` must not compile, for the reason that is given there. `npm run types` fails where one does;
// compile.test.ts compares the reasons.
import {admission, contract, definePlugin, type Identity, type Kernel, store} from '@forgeone/sdk';
import {Type} from 'typebox';

interface Greeter {
	greet(name: string): string;
}

const greeter = contract<Greeter>('test:types/greeter@0.1.0', ['greet']);

/** Holds where both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

// What compiles, and has the types that it should.
definePlugin({
	name: 'right',
	provides: {greeter},
	uses: {store},
	taps: [admission],
	config: Type.Object({level: Type.Enum(['debug', 'info'], {default: 'info'}), limit: Type.Optional(Type.Integer())}),
	setup({config, uses, hooks}) {
		const typed: Same<typeof config, {level: 'debug' | 'info'; limit?: number}> = true;
		hooks.tap(admission, {admit: verdict => verdict});
		return {
			greeter: caller => ({
				greet: async name => `${name} ${await uses.store(caller).get(config.level)} ${typed}`,
			}),
		};
	},
});

definePlugin({
	name: 'by hand',
	config: {type: 'object', properties: {sinks: {type: 'array', items: {enum: ['file', 'none']}}, on: {type: 'boolean'}}, required: ['on']},
	setup({config: {sinks, on}}) {
		const typed: [Same<typeof sinks, ('file' | 'none')[] | undefined>, Same<typeof on, boolean>] = [true, true];
		void typed;
		return {};
	},
});

// A missing provider.
definePlugin({
	name: 'none',
	provides: {greeter},
	// @ts-expect-error TS2322: Type '{}' is not assignable to type 'Promise<Providers<{ greeter: Contract<Greeter>; }>>
	setup: () => ({}),
});

definePlugin({
	name: 'empty',
	provides: {greeter},
	// @ts-expect-error TS2741: Property 'greet' is missing
	setup: () => ({greeter: () => ({})}),
});

// A wrong return type, and a wrong parameter.
definePlugin({
	name: 'number',
	provides: {greeter},
	// @ts-expect-error TS2322: Type 'number' is not assignable to type 'string | Promise<string>'
	setup: () => ({greeter: () => ({greet: () => 5})}),
});

definePlugin({
	name: 'parameter',
	provides: {greeter},
	// @ts-expect-error TS2322: Types of parameters 'times' and 'name' are incompatible
	setup: () => ({greeter: () => ({greet: (times: number) => 'x'.repeat(times)})}),
});

// What is used without being declared, and what the contract does not have.
definePlugin({
	name: 'undeclared',
	uses: {store},
	async setup({uses}) {
		// @ts-expect-error TS2339: Property 'audit' does not exist
		await uses.audit().recent(1);
		// @ts-expect-error TS2551: Property 'gett' does not exist
		await uses.store().gett('key');
		// @ts-expect-error TS2345: Argument of type 'number' is not assignable to parameter of type 'string'
		await uses.store().get(5);
		return {};
	},
});

// A tap that answers what the hook does not know.
definePlugin({
	name: 'tap',
	taps: [admission],
	setup({hooks}) {
		// @ts-expect-error TS2322: Type 'boolean' is not assignable to type
		hooks.tap(admission, {admit: () => true});
		return {};
	},
});

/** An identity that no kernel made. */
export async function forge(kernel: Kernel, real: Identity): Promise<void> {
	const use = await kernel.link(greeter);
	await use(real).greet('x');
	// @ts-expect-error TS2345: Property '[made]' is missing
	await use({subject: 'user:0', kind: 'user', via: []}).greet('x');
}

// A configuration of another type, or with other keys.
definePlugin({
	name: 'type',
	config: Type.Object({level: Type.Enum(['debug', 'info'])}),
	setup({config}) {
		// @ts-expect-error TS2322: Type 'string' is not assignable to type 'number'
		const level: number = config.level;
		// @ts-expect-error TS2551: Property 'levl' does not exist
		void [level, config.levl];
		return {};
	},
});

definePlugin({
	name: 'optional',
	config: {type: 'object', properties: {level: {type: 'string'}}},
	// @ts-expect-error TS18048: 'config.level' is possibly 'undefined'
	setup: ({config}) => ({length: config.level.length}),
});

definePlugin({
	name: 'undescribed',
	// @ts-expect-error TS2339: Property 'level' does not exist
	setup: ({config}) => ({level: config.level}),
});

definePlugin({
	name: 'array',
	// @ts-expect-error TS2322: Type '"array"' is not assignable to type '"object"'
	config: {type: 'array'},
	setup: () => ({}),
});
