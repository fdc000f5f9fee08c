// The polyfill has to be there before the container is.
import "reflect-metadata";

export { container, delay, inject, injectAll, injectable, instanceCachingFactory, Lifecycle, scoped, singleton } from "tsyringe";
