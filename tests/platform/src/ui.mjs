import { Hono } from 'hono';
export const createUi = () => new Hono();
