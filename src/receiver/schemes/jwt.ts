import { createSecretKey, type KeyObject } from "node:crypto";
import type { RemoteDocument } from "../remote.ts";
import { ReceiverRequest } from "../request.ts";
import { base64Secret, hexSecret, type SecretFormat, textSecret } from "../secret-format.ts";
import { type FailedProof, failed, type HeldProof, type Scheme, type Verification, type VerifyContext } from "../verification.ts";
import { type ClaimRules, type Claims, checkClaims, claimsFor } from "./jwt-claims.ts";
import { type JwtKey, jwtKeys } from "./jwt-keys.ts";
import { verifyToken } from "./jwt-signature.ts";
