import type {CoreExports, CoreItem, CoreLimits, CoreSignature, ModuleType} from '../decode/core-ast.ts';
import type {Fail} from './known.ts';

const same = (given: CoreSignature, wanted: CoreSignature): boolean => given === wanted || given.includes('?') || wanted.includes('?');

const within = (given: CoreLimits, wanted: CoreLimits): boolean =>
	given.flags === wanted.flags &&
	given.min >= wanted.min &&
	(wanted.max === undefined || (given.max !== undefined && given.max <= wanted.max));

function fits(given: CoreItem, wanted: CoreItem): boolean {
	if (given.sort === 'core table' && wanted.sort === 'core table') {
		return same(given.value.element, wanted.value.element) && within(given.value, wanted.value);
	}
	if (given.sort === 'core memory' && wanted.sort === 'core memory') return within(given.value, wanted.value);
	if (given.sort === 'core global' && wanted.sort === 'core global') {
		return given.value.mutable === wanted.value.mutable && same(given.value.type, wanted.value.type);
	}
	return given.sort === wanted.sort && same(given.value as CoreSignature, wanted.value as CoreSignature);
}

/** Refuses a core item that is none, or not of the type that is wanted. */
function matchCore(name: string, given: CoreItem | undefined, wanted: CoreItem, fail: Fail): void {
	if (given?.sort !== wanted.sort) fail(`a ${wanted.sort} "${name}"`, given?.sort ?? 'none');
	else if (!fits(given, wanted)) fail(`a ${wanted.sort} "${name}" of the type that is imported`, 'another type');
}

/** Refuses a core module that imports more, or exports less, than is wanted. */
export function matchModule(given: ModuleType, wanted: ModuleType, fail: Fail): void {
	for (const [module, imports] of given.imports) {
		for (const [name, item] of imports) {
			const offered = wanted.imports.get(module)?.get(name);
			if (offered === undefined) fail(`a core module without the import "${name}"`, 'one that has it');
			else matchCore(name, offered, item, fail);
		}
	}
	for (const [name, item] of wanted.exports) matchCore(name, given.exports.get(name), item, fail);
}

/** Refuses arguments of a core module that do not have all that it imports. */
export function matchArguments(module: ModuleType, args: ReadonlyMap<string, CoreExports>, fail: Fail): void {
	for (const [name, imports] of module.imports) {
		const given = args.get(name) ?? fail(`an argument "${name}"`, 'none');
		for (const [key, item] of imports) matchCore(key, given.get(key), item, fail);
	}
}
