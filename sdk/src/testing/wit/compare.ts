import {compatibleName, unversioned} from '@forgeone/wasm';
import {type Declarations, isFunction, type Side, type Sides} from './declare.ts';

/** One thing in which two worlds differ, on one line. */
export interface Change {
	/** Whether somebody who got on with the one may not get on with the other. */
	readonly breaking: boolean;
	readonly text: string;
}

const breaking = (text: string): Change => ({breaking: true, text});
const compatible = (text: string): Change => ({breaking: false, text});

/** What is said of what came and of what went, by side: to ask for more breaks, and so does to give less. To mention a type asks for nothing. */
const sides = {
	imports: {
		came: (what: string, called: boolean) => (called ? [breaking(`needs "${what}", which it did not`)] : []),
		went: (what: string, called: boolean) => (called ? [compatible(`no longer needs "${what}"`)] : []),
	},
	exports: {
		came: (what: string) => [compatible(`now gives "${what}"`)],
		went: (what: string) => [breaking(`no longer gives "${what}"`)],
	},
} as const;

type Verbs = (typeof sides)[keyof typeof sides];

function compareDeclarations(where: string, before: Declarations, after: Declarations, {came, went}: Verbs): Change[] {
	const full = (name: string) => (where === '' ? name : `${where}#${name}`);
	const changed = ([name, text]: [string, string]) => {
		const now = after.get(name);
		if (now === undefined) return went(full(name), isFunction(text));
		return now === text ? [] : [breaking(`"${full(name)}" was "${text}" and is "${now}"`)];
	};
	const added = [...after].filter(([name]) => !before.has(name));
	return [...[...before].flatMap(changed), ...added.flatMap(([name, text]) => came(full(name), isFunction(text)))];
}

const callable = (declarations: Declarations): boolean => [...declarations.values()].some(isFunction);

function compareSide(before: Side, after: Side, verbs: Verbs): Change[] {
	const other = (side: Side, wanted: string, by: (name: string) => string) => [...side.keys()].find(name => by(name) === by(wanted));
	const gone = [...before].flatMap(([name, declarations]) => {
		if (other(after, name, compatibleName) !== undefined) return [];
		const version = other(after, name, unversioned);
		return version === undefined ? verbs.went(name, callable(declarations)) : [breaking(`has "${version}" in place of "${name}"`)];
	});
	const here = [...after].flatMap(([name, declarations]) => {
		const was = other(before, name, compatibleName);
		if (was !== undefined) {
			const moved = was === name ? [] : [compatible(`has "${name}" in place of "${was}"`)];
			return [...moved, ...compareDeclarations(name, before.get(was) as Declarations, declarations, verbs)];
		}
		return other(before, name, unversioned) === undefined ? verbs.came(name, callable(declarations)) : [];
	});
	return [...gone, ...here];
}

/** In what a world differs from the one before it, what breaks first. */
export function compareWorlds(before: Sides, after: Sides): Change[] {
	// What is given too is written down as it is given, and not as far as it is asked for.
	const asked = (side: Side): Side => new Map([...side].filter(([name]) => name === '' || !before.exports.has(name)));
	const all = [
		...compareSide(asked(before.imports), asked(after.imports), sides.imports),
		...compareSide(before.exports, after.exports, sides.exports),
	];
	return [...all.filter(change => change.breaking), ...all.filter(change => !change.breaking)];
}
