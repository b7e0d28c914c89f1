import {setTimeout} from 'node:timers/promises';
import {parse} from '@bytecodealliance/jco-transpile/wasm-tools';
import {type Component, ComponentError, ForgeError, type Instance, type LoadOptions, load} from '@forgeone/wasm';
import {spectest} from './host.ts';
import {bytes, type Directive, directives, type Form, inner, string} from './sexpr.ts';
import {equal, value} from './values.ts';

/** What became of one directive. */
export interface Outcome {
	/** Where it is in a script. */
	readonly line?: number;
	readonly what: string;
	readonly verdict: 'passed' | 'failed' | 'skipped';
	readonly reason: string;
}

/** How an invalid component is refused when it is loaded; jco's encoder may refuse it before. */
const invalid = ['FORGE_COMPONENT_INVALID', 'FORGE_COMPONENT_MODULE', 'FORGE_COMPONENT_LIMIT'];

class Skip extends Error {}
class Failure extends Error {}
/** A call that nothing can end any more: the scripts take it for a trap. */
class Stuck extends Error {}

/** The encoded form; text that jco's tools refuse is malformed. */
async function encode(text: string): Promise<Uint8Array> {
	const head = /^\((component|module)\b\s*(?:definition\b\s*)?(\$[^\s()]+)?\s*/.exec(text);
	const [opening = '', keyword, name = ''] = head ?? [];
	const rest = text.slice(opening.length);
	if (rest.startsWith('binary')) return Buffer.concat((directives(`(${rest}`)[0]?.form ?? []).slice(1).map(part => bytes(part as string)));
	if (rest.startsWith('quote')) {
		const quoted = (directives(`(${rest}`)[0]?.form ?? []).slice(1).map(part => string(part as string));
		return parse(`(component ${quoted.join('\n')})`);
	}
	return parse(`(${keyword} ${name} ${rest}`);
}

const camel = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** Runs one script, directive by directive. */
export async function run(text: string, options: LoadOptions = {}): Promise<Outcome[]> {
	const outcomes: Outcome[] = [];
	const made: Instance[] = [];
	const execute = runner(options, made);
	for (const directive of directives(text)) {
		const what = String(directive.form[0]);
		const add = (verdict: Outcome['verdict'], reason = ''): void => {
			outcomes.push({line: directive.line, what, verdict, reason});
		};
		try {
			await execute(directive);
			add('passed');
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			add(error instanceof Skip || unsupported(error) || unwritten(error) ? 'skipped' : 'failed', reason);
		}
	}
	for (const instance of made) instance.dispose();
	return outcomes;
}

const unsupported = (error: unknown): boolean => error instanceof ForgeError && error.code === 'FORGE_COMPONENT_UNSUPPORTED';

/** Whether jco's tools cannot encode the text, which is of another version of the format. */
const unwritten = (error: unknown): boolean => error instanceof Error && error.message.startsWith('Error { kind: Wast');

/** Executes directives, remembering definitions and instances by name. */
function runner(options: LoadOptions, all: Instance[]): (directive: Directive) => Promise<void> {
	const definitions = new Map<string, Component>();
	const instances = new Map<string, Instance | undefined>();
	let current: Instance | undefined;
	let latest: Component | undefined;
	/** Why there is no current instance, so that what depends on it is not blamed. */
	let absent = 'no instance';

	const imports = (): Record<string, unknown> => ({
		...spectest(),
		...Object.fromEntries([...instances].map(([name, instance]) => [name, instance?.exports])),
	});
	const instantiate = async (component: Component, name: string | undefined): Promise<void> => {
		current = undefined;
		const made = await component.instantiate(imports());
		current = made;
		all.push(made);
		if (name !== undefined) instances.set(name.slice(1), made);
	};
	const define = async (text: string, name: string | undefined): Promise<Component> => {
		latest = undefined;
		current = undefined;
		try {
			const bytes = await encode(text);
			latest = await load(bytes, options);
		} catch (error) {
			absent = error instanceof Error ? error.message : String(error);
			throw error;
		}
		if (name !== undefined) definitions.set(name, latest);
		return latest;
	};
	const invoke = async (form: Form[]): Promise<unknown> => {
		const [, ...rest] = form as [string, ...Form[]];
		const named = typeof rest[0] === 'string' && rest[0].startsWith('$') ? (rest.shift() as string).slice(1) : undefined;
		const target = named === undefined ? current : instances.get(named);
		if (target === undefined) throw new Skip(`its component did not run: ${absent}`);
		const call = target.exports[camel(string(rest.shift() as string))];
		if (typeof call !== 'function') throw new Failure('no such export');
		return settle(() => call(...rest.map(value)));
	};

	return async ({form, text}) => {
		const name = form.find((part, i) => i > 0 && i < 3 && typeof part === 'string' && part.startsWith('$')) as string | undefined;
		switch (form[0]) {
			case 'component': {
				if (form[1] === 'definition') return void (await define(text, name));
				if (form[1] === 'instance') {
					const definition = form[3] === undefined ? latest : definitions.get(form[3] as string);
					if (definition === undefined) throw new Skip(`its component did not load: ${absent}`);
					return instantiate(definition, name);
				}
				return instantiate(await define(text, name), name);
			}
			case 'invoke':
				return void (await invoke(form));
			case 'assert_return': {
				const found = await invoke(form[1] as Form[]);
				const expected = form[2] === undefined ? undefined : value(form[2]);
				if (!equal(found, expected)) throw new Failure(`expected ${show(expected)}, got ${show(found)}`);
				return;
			}
			case 'assert_trap': {
				const target = form[1] as Form[];
				const run = async () =>
					target[0] === 'invoke' ? invoke(target) : instantiate(await define(inner(text)[0] as string, undefined), undefined);
				return refused(run, `a trap, ${form[2]}`, [
					'FORGE_TRAP',
					'FORGE_INSTANCE_DEAD',
					'FORGE_COMPONENT_LINK',
					'FORGE_LIMIT_COUNT',
					'FORGE_INSTANCE_BUSY',
				]);
			}
			case 'assert_invalid':
			case 'assert_malformed':
				return refused(() => define(inner(text)[0] as string, undefined), 'a refusal', invalid);
			case 'assert_unlinkable':
				return refused(async () => instantiate(await define(inner(text)[0] as string, undefined), undefined), 'a refusal', []);
			default:
				throw new Skip(`directive ${String(form[0])}`);
		}
	};
}

/** A top-level `result` is thrown by the export; scripts write it as a value. */
async function settle(call: () => unknown): Promise<unknown> {
	try {
		return await Promise.race([call(), idle()]);
	} catch (error) {
		if (error instanceof ComponentError) return {tag: 'err', val: error.payload};
		throw error;
	}
}

/** Fails when nothing has happened for a while. */
async function idle(): Promise<never> {
	await setTimeout(500, undefined, {ref: true});
	throw new Stuck('the call does not end');
}

/** Runs what must fail; with one of the codes, if any are given and it is this package that refuses. */
async function refused(run: () => unknown, what: string, codes: readonly string[]): Promise<void> {
	try {
		await run();
	} catch (error) {
		if (error instanceof Skip || (error instanceof Stuck && !/deadlock|further progress/.test(what))) throw error;
		if (codes.length === 0 || !(error instanceof ForgeError) || codes.includes(error.code)) return;
		throw error;
	}
	throw new Failure(`expected ${what}`);
}

const show = (found: unknown): string => JSON.stringify(found, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)) ?? 'nothing';
