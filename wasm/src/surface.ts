// Note to whoever writes the linker: the other packages compile against these; move or replace them as you like, keeping what index.ts exports.
import {errorTable, ForgeError} from './error.ts';

/** An import or an export of a component. */
export interface Extern {
	readonly name: string;
	readonly kind: 'instance' | 'function' | 'module' | 'component' | 'value' | 'type';
	readonly functions?: readonly string[];
}

export interface Limits {
	readonly memoryBytes?: number;
	readonly tableElements?: number;
	readonly instances?: number;
	readonly memories?: number;
	readonly tables?: number;
	readonly handles?: number;
	readonly hostCallBytes?: number;
	readonly depth?: number;
	readonly fuel?: number;
}

export type Imports = Readonly<Record<string, unknown>>;
export type SharedComponent = unknown;

export interface Instance {
	readonly exports: Readonly<Record<string, unknown>>;
	readonly memoryBytes: number;
	readonly dead: boolean;
	interface(name: string): Readonly<Record<string, (...args: readonly unknown[]) => unknown>> | undefined;
	dispose(): void;
}

export interface Component {
	readonly imports: readonly Extern[];
	readonly exports: readonly Extern[];
	instantiate(imports: Imports, limits?: Limits): Promise<Instance>;
	share(): SharedComponent;
}

export class ComponentError extends Error {
	readonly payload: unknown;
	constructor(payload: unknown) {
		super('the component returned an error');
		this.payload = payload;
	}
}

export class GuestExit extends Error {
	readonly code: number;
	constructor(code: number) {
		super(`exit ${code}`);
		this.code = code;
	}
}

const missing = errorTable({FORGE_COMPONENT_UNSUPPORTED: ['failed', 'the linker is still being written', 'wait']});

export function load(_bytes: Uint8Array): Promise<Component> {
	throw missing.FORGE_COMPONENT_UNSUPPORTED();
}

export function adopt(_shared: SharedComponent): Component {
	throw missing.FORGE_COMPONENT_UNSUPPORTED();
}
void ForgeError;
