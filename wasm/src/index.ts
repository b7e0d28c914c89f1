import './webassembly.ts';

export {FutureReader, StreamReader} from './abi/async/host-end.ts';
export type {Limits} from './abi/store.ts';
export {adopt, type Component, type Extern, type Instance, type InterfaceMember, type SharedComponent} from './component.ts';
export {type Client, type Contract, checkVersions, contract, type FunctionsOf, type Provider} from './contract.ts';
export type {ComponentNode, Def, ExternDef, FuncDef, Primitive, TypeDef, ValueRef} from './decode/ast.ts';
export {digest} from './digest.ts';
export {type ErrorKind, errorTable, ForgeError, reasonOf} from './error.ts';
export type * from './generated/contracts.ts';
export {functions} from './generated/functions.ts';
export type {Imports} from './link/host.ts';
export type {Plan} from './link/plan.ts';
export {definitions, describe, type LoadOptions, load, outline, pack, signature, unpack} from './load.ts';
export {suspending, viewing} from './marks.ts';
export {camelCase, compatibleName, functionName, pascalCase, unversioned} from './names.ts';
export type {Members, Signature, Typed} from './signature.ts';
export {ComponentError, GuestExit, Trap} from './trap.ts';
export type {FuncType, ResourceType, ValueType} from './types.ts';
