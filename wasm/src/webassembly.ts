declare global {
	/** The part of the JavaScript API of WebAssembly that the house uses: Node's types leave it to the DOM's. */
	namespace WebAssembly {
		type ImportValue = unknown;
		type ModuleImports = Record<string, ImportValue>;
		type Imports = Record<string, ModuleImports>;

		class Module {
			constructor(bytes: Uint8Array);
			private readonly brand: unknown;
			static customSections(module: Module, name: string): ArrayBuffer[];
			static imports(module: Module): {readonly module: string; readonly name: string; readonly kind: string}[];
			static exports(module: Module): {readonly name: string; readonly kind: string}[];
		}
		class Instance {
			constructor(module: Module, imports?: Imports);
			readonly exports: ModuleImports;
		}
		class Memory {
			constructor(descriptor: {readonly initial: number; readonly maximum?: number});
			readonly buffer: ArrayBuffer;
			grow(pages: number): number;
		}
		class Table {
			constructor(descriptor: {
				readonly element: 'anyfunc' | 'externref';
				readonly initial: number;
				readonly maximum?: number;
			});
			readonly length: number;
		}
		class Global {
			constructor(descriptor: {readonly value: string; readonly mutable?: boolean}, value?: unknown);
			value: unknown;
		}
		class Tag {
			constructor(descriptor: {readonly parameters: readonly string[]});
			private readonly brand: unknown;
		}
		class CompileError extends Error {}
		class LinkError extends Error {}
		class RuntimeError extends Error {}
		/** A host function that may return a promise, for which the guest is suspended. */
		class Suspending {
			constructor(call: (...args: never[]) => unknown);
			private readonly brand: unknown;
		}
		/** A core function whose calls may be suspended: it returns a promise. */
		function promising(call: unknown): (...args: unknown[]) => Promise<unknown>;
		function compile(bytes: Uint8Array): Promise<Module>;
		function validate(bytes: Uint8Array): boolean;
	}
}

export {};
