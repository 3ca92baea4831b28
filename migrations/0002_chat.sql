-- Conversations and their messages.

CREATE TABLE conversations (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    title text NOT NULL CHECK (length(title) <= 200),
    -- How many questions were accepted; the next one is turn `turns + 1`.
    turns integer NOT NULL DEFAULT 0 CHECK (turns >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- Lets messages refer to the pair, so that no message can hang on another tenant's conversation.
    UNIQUE (tenant_id, id)
);
CREATE INDEX conversations_by_use ON conversations (tenant_id, updated_at DESC, id DESC);

-- A turn is a question and, once its job has ended with text, one answer: the key makes a second answer impossible.
CREATE TABLE messages (
    conversation_id uuid NOT NULL,
    turn integer NOT NULL CHECK (turn >= 1),
    role text NOT NULL CHECK (role IN ('user', 'assistant')),
    id uuid NOT NULL UNIQUE,
    tenant_id uuid NOT NULL,
    content text NOT NULL,
    -- `partial`: the answer was stopped.
    status text NOT NULL DEFAULT 'complete' CHECK (status IN ('complete', 'partial')),
    -- The job that answers the question, or that gave the answer.
    job_id uuid NOT NULL,
    model text,
    input_tokens integer,
    output_tokens integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (conversation_id, turn, role),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id) ON DELETE CASCADE
);

ALTER TABLE conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON conversations TO errand_gateway, errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY own_rows ON messages TO errand_gateway, errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));

GRANT SELECT, INSERT, UPDATE ON conversations, messages TO errand_gateway;
GRANT SELECT, INSERT, UPDATE ON conversations, messages TO errand_worker;
