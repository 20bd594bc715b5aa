/* eslint-disable */
/* Generated from openapi.json by `npm run api:types`; do not edit. */
export interface paths {
    "/api/v1/admin/audits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Page through the audit log. */
        get: operations["list_audits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/audits/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Re-hash the whole audit log against its anchored head and each day's time-stamped one. */
        get: operations["verify_audit_log"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which engines, models, stores and workers are up. */
        get: operations["show_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Jobs, newest first; with `attention` only those a person should look at. */
        get: operations["list_jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/jobs/{job_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start a failed or stuck job again from its first unfinished step. 409 `JOB_NOT_FAILED`, `JOB_NOT_RETRYABLE`. */
        post: operations["retry_job"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/media": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Workers, rooms and alarms. */
        get: operations["show_media"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/media/rooms/{room_id}/legs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Live counters of a room's legs. */
        get: operations["show_room"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/media/workers/{worker_id}/drain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** No new rooms on this worker; running ones end. Or take that back. */
        post: operations["drain_worker"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/outbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Page through the messages, newest first. */
        get: operations["list_outbox"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/outbox/{message_id}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Queue a message again. */
        post: operations["resend_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/products/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Create or change a product. */
        put: operations["put_product"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Page through staff accounts. */
        get: operations["list_users"];
        put?: never;
        /** Create a staff account; its password must be changed at the first sign-in. */
        post: operations["create_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One staff account. */
        get: operations["show_user"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change, approve or disable a staff account. */
        patch: operations["patch_user"];
        trace?: never;
    };
    "/api/v1/admin/users/{user_id}/reset-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give an account a one-time password. */
        post: operations["reset_user_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{user_id}/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End all sessions of an account. */
        post: operations["sign_out_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/webhook-deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Deliveries, newest first; `status=dead` is the dead-letter list. */
        get: operations["list_webhook_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/webhook-deliveries/{delivery_id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Queue one delivery again. */
        post: operations["redeliver_webhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/webhook-endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All addresses that get results. */
        get: operations["list_webhook_endpoints"];
        put?: never;
        /** Add an address; its secret is shown this once. */
        post: operations["create_webhook_endpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/webhook-endpoints/{endpoint_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change an address. */
        put: operations["change_webhook_endpoint"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/webhook-endpoints/{endpoint_id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Queue every dead delivery of an address again. */
        post: operations["redeliver_dead_webhooks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/webhook-endpoints/{endpoint_id}/secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a new secret; it is shown this once. */
        post: operations["rotate_webhook_secret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/webhook-endpoints/{endpoint_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Queue a test message to an address. */
        post: operations["test_webhook_endpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/workers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Jobs processes that hold a lease. */
        get: operations["list_workers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in. */
        get: operations["show_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the sign-in and registration pages need. */
        get: operations["sign_in_options"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change one's own password; other sessions end. */
        post: operations["change_own_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/registrations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Register an agent of one of the three kinds. */
        post: operations["register_agent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in; the session is in the cookie. */
        post: operations["sign_in_staff"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End this session. */
        post: operations["sign_out_staff"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sms-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a registration code; the answer never tells whether the phone is known. */
        post: operations["send_sms_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start setting up a second factor. */
        post: operations["start_totp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch the second factor on with its first code. */
        post: operations["confirm_totp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-files/{file_id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A form or a scan; the look is logged. */
        get: operations["show_callback_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-files/{file_id}/play": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A link to play a call recording, short-lived and of one person; logged. */
        post: operations["play_call_recording"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-media/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The recording behind a link, with Range; only for the person who asked for the link. */
        get: operations["stream_call_recording"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-numbers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whose number failed, per responsible organisation. */
        get: operations["list_failed_numbers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-numbers.xlsx": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The list as a spreadsheet for the responsible unit, with columns for what it finds out; the export is logged. */
        get: operations["export_failed_numbers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-questionnaires": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All questionnaires with their newest version. */
        get: operations["list_callback_questionnaires"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-questionnaires/{questionnaire_id}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check a questionnaire and show it as a sample's customer would see it; nothing is stored. */
        post: operations["preview_callback_questionnaire"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-questionnaires/{questionnaire_id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Publish a new version of a questionnaire. */
        post: operations["publish_callback_questionnaire"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-questionnaires/{questionnaire_id}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One version of a questionnaire. */
        get: operations["show_callback_questionnaire"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-rule-fields": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Fields of a rulebook, and what a questionnaire may use: what the editors offer. */
        get: operations["show_callback_rule_fields"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-rulebooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All rulebooks with the version in force. */
        get: operations["list_callback_rulebooks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-rulebooks/{rulebook_id}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check a rulebook and show what would happen to a policy by itself; nothing is stored. */
        post: operations["preview_callback_rulebook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-rulebooks/{rulebook_id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Publish a new version of a rulebook, in force from a day on. */
        post: operations["publish_callback_rulebook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-rulebooks/{rulebook_id}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One version of a rulebook. */
        get: operations["show_callback_rulebook"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-samples": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Finished callbacks drawn for a check, by due time. */
        get: operations["list_callback_samples"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-samples/{sample_id}/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Write down what the checker found; nobody checks a call of their own. */
        post: operations["review_callback_sample"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-samples/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** By which rules callbacks are drawn, and what is checked. */
        get: operations["show_sampling_rules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Figures of a period, per organisation. */
        get: operations["show_callback_statistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-statistics.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same table as CSV. */
        get: operations["export_callback_statistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-statistics.xlsx": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same figures as a spreadsheet: per organisation, per day, and the reasons of problem cases. */
        get: operations["export_callback_statistics_sheet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tasks by due time, such as reports to compliance. */
        get: operations["list_callback_tasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-tasks/{task_id}/done": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tick off a task with a note. */
        post: operations["finish_callback_task"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callback-visitors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Service staff who may visit customers. */
        get: operations["list_callback_visitors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callbacks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The work list in the order of due times. */
        get: operations["list_callbacks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callbacks/{callback_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One callback: policy, questions beside the recording, history, tasks, kept pages. The look is logged. */
        get: operations["show_callback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callbacks/{callback_id}/call-recordings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take in the recording of a call (raw body), from the desk or pushed by the telephone system. */
        post: operations["add_call_recording"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callbacks/{callback_id}/call-recordings/fetch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Fetch the recording of a call from the telephone system; the same checks as for an upload. */
        post: operations["fetch_call_recording"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callbacks/{callback_id}/commands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Carry out a command of the desk; refused with the rule's code where the rules do not allow it. */
        post: operations["command_callback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callbacks/{callback_id}/evidence.zip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Identity proof, operation trace, key pages, answers, signature, recordings and scans in one file; the export is logged. */
        get: operations["export_callback_evidence"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callbacks/{callback_id}/forms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a form as a PDF: letter or visit questionnaire, explanation form, re-signature. It is kept as it was printed. */
        post: operations["make_callback_form"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callbacks/{callback_id}/pages/{page_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page as the customer saw it; the look is logged. */
        get: operations["show_callback_page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callbacks/{callback_id}/scans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take in the scan of a signed paper (raw body: JPEG, PNG or PDF). */
        post: operations["add_callback_scan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Page through cases; agents see their own. */
        get: operations["list_cases"];
        put?: never;
        /** Make a case from a proposal. */
        post: operations["create_case"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cases/{case_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One case with what the caller may do next. */
        get: operations["show_case"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cases/{case_id}/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The callback of a case in short; 404 CALLBACK_NOT_FOUND before the policy is issued. */
        get: operations["show_case_callback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cases/{case_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a case that was not recorded, or was rejected. */
        post: operations["cancel_case"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cases/{case_id}/identity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What has been captured and what is missing. */
        get: operations["show_identity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cases/{case_id}/participants/{participant_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Say whether a participant sits with the agent or elsewhere. */
        patch: operations["move_participant"];
        trace?: never;
    };
    "/api/v1/cases/{case_id}/participants/{participant_id}/identity-link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send the customer a link to take the pictures on his own phone. */
        post: operations["send_identity_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cases/{case_id}/participants/{participant_id}/images/{kind}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An image as JPEG; the look is logged. */
        get: operations["get_image"];
        /** Store an image (raw body, image/jpeg or image/png, at most 12 MiB); it replaces the one before. */
        put: operations["put_image"];
        post?: never;
        /** Remove an image so that it is taken again. */
        delete: operations["delete_image"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cases/{case_id}/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Create the remote session of a case: code and SMS (T5). */
        post: operations["create_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cases/{case_id}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sessions of a case, newest first. */
        get: operations["list_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cases/{case_id}/supplementary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Answer a rejection with a supplementary recording. */
        post: operations["start_supplementary"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/custody/disposals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Disposal lists, newest first. */
        get: operations["list_disposals"];
        put?: never;
        /** Draw up a list of what is due. 409 `DISPOSAL_NOT_DUE` names what is not. */
        post: operations["propose_disposal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/custody/disposals/{disposal_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A list with its recordings and approvals. */
        get: operations["show_disposal"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/custody/disposals/{disposal_id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Approve a list; with the last approval needed it is carried out. 403 `DISPOSAL_SAME_PERSON`, 409 `DISPOSAL_STATE`. */
        post: operations["approve_disposal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/custody/disposals/{disposal_id}/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Withdraw a list that is not approved by all yet. */
        post: operations["withdraw_disposal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/custody/recordings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Recordings in custody, the earliest end of a period first. */
        get: operations["list_custody"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the link is for and how identity is proven; personal data is masked. */
        get: operations["show_callback_entry"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback/identity/challenge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What the customer is to do in front of the camera: random, used once, for a few minutes. */
        post: operations["begin_face_challenge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback/identity/code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a code to the policy's phone; another phone cannot be named. */
        post: operations["send_callback_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback/identity/code/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check the code; a wrong one counts as a failure of the day. */
        post: operations["check_callback_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback/identity/face/{challenge_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Judge a short video (raw body, video/webm or video/mp4, at most 24 MiB) against a challenge and the captured face. */
        post: operations["check_callback_face"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback/leave": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Leave: no draft is kept, and coming back means proving identity again. */
        post: operations["leave_callback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback/notice": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The notice is ticked before the identity check, where the rulebook has it there (`notice` of the entry). */
        post: operations["confirm_entry_notice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The customer's policies that wait for a callback. */
        get: operations["list_waiting_policies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback/policies/{callback_id}/abort": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop, where the rulebook offers it; the phone desk follows. */
        post: operations["abort_callback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback/policies/{callback_id}/answers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** All answers at once; refused before the minimum time (409 ANSWERED_TOO_FAST). */
        post: operations["submit_answers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback/policies/{callback_id}/begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Open a policy: its notice. No new identity check within the visit. */
        post: operations["begin_callback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback/policies/{callback_id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Confirm all questions and answers; the result follows. */
        post: operations["confirm_answers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback/policies/{callback_id}/edit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Back from the confirmation page to the questions. */
        post: operations["edit_answers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback/policies/{callback_id}/notice": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The notice is ticked, where it is not yet and the rulebook has one; serves the questions and starts the minimum time. */
        post: operations["confirm_notice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback/policies/{callback_id}/signature": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The policyholder's signature under the answers. */
        post: operations["sign_answers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/callback/renew-link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a fresh link to the policy's phone in place of one that expired or was replaced. It is never shown here. */
        post: operations["renew_callback_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/entry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether this browser is bound, and whom to call. */
        get: operations["show_entry_state"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/entry/bind": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set the password: the entry is bound, and this browser is known. */
        post: operations["bind_entry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/entry/bind/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check the code; the ticket sets the password. */
        post: operations["check_bind_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/entry/bind/code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a code to the registered phone; the answer is the same whether or not the two belong together. */
        post: operations["send_bind_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/entry/forget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** This browser is no longer known: somebody else uses this phone. */
        post: operations["forget_entry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/entry/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The policies that wait for a callback. */
        get: operations["list_entry_policies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/entry/policies/{callback_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A ticket for the identity check of one of the customer's policies; 404 for anybody else's. */
        post: operations["open_entry_policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/entry/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in with the password; the certificate number is needed on a browser that is not known. */
        post: operations["sign_in_entry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/identity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The customer's own capture page. */
        get: operations["show_customer_identity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/identity/images/{kind}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Store an image the customer took himself. */
        put: operations["put_customer_image"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/customer/tickets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Exchange the key of a link that came by SMS for a ticket. */
        post: operations["redeem_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/documents/{document_id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A document's PDF: for staff who may see it, and for a customer of its case, in the session only while reading it is due. */
        get: operations["document_content"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/evidence/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Public seal keys, for anybody who verifies a package. */
        get: operations["published_keys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The queue: nearest deadline first. Agents see what concerns their own cases. */
        get: operations["list_inspections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections/{inspection_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One inspection with verdicts, reasons, history and what the caller may do. */
        get: operations["show_inspection"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections/{inspection_id}/appeal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The seller disagrees with a rejection. */
        post: operations["appeal_inspection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections/{inspection_id}/appeal-decision": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Judge an appeal; never the inspector who rejected. */
        post: operations["decide_appeal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections/{inspection_id}/lock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take the review, or extend it. 403 for the seller and the seller's team, 409 while somebody else holds it. */
        post: operations["lock_inspection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections/{inspection_id}/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Judge one node. */
        put: operations["decide_node"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections/{inspection_id}/pass": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Release the recording. */
        post: operations["pass_inspection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections/{inspection_id}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reject; the agent owes a supplementary recording. */
        post: operations["reject_inspection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections/{inspection_id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give the review back. */
        post: operations["release_inspection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections/{inspection_id}/watched": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell what was played; it counts as far as the server's clock allows. 409 without the lock, or before any film was sent. */
        post: operations["report_watched"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections/assign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give inspections to one inspector; four eyes holds here as well. */
        post: operations["assign_inspections"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections/inspectors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who can be given inspections, the least busy first. */
        get: operations["list_inspectors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was decided in a period, by agent, organisation, inspector, day and reason. */
        get: operations["show_statistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inspections/statistics.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same as CSV (UTF-8 with a byte-order mark). */
        get: operations["export_statistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Look a code up. */
        post: operations["join"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/join/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take one or several roles. */
        post: operations["join_claim"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/join/consents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give or refuse the consents. */
        post: operations["join_consents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/join/sms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send the one-time code. */
        post: operations["join_sms"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/join/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check the one-time code. */
        post: operations["join_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/media/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Stream what a link names, with Range. */
        get: operations["stream_media"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/phone-warnings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One phone of several policyholders, and agents' phones on policies. */
        get: operations["list_phone_warnings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/phone-warnings/{warning_id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Write down what the investigation found. */
        post: operations["resolve_phone_warning"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take an issued policy in from the core system and open its callback; 201 when new, 200 when known. */
        post: operations["receive_policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/{policy_no}/contract": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Take in what the core system knows of a policy's contract now: its end, its disputes. Idempotent. */
        put: operations["report_policy_contract"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/{policy_no}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a change, a grace period, a paid premium, a surrender or a claim in; 201 when new, 200 when known. */
        post: operations["receive_policy_event"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All products. */
        get: operations["list_products"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/proposals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Page through proposals; agents see their own. */
        get: operations["list_proposals"];
        put?: never;
        /** Take a proposal in from the core system; 201 when new, 200 when known. */
        post: operations["receive_proposal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/proposals/{proposal_no}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the core system sent, masked. */
        get: operations["show_proposal"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/proposals/{proposal_no}/contract": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A contract as last reported, and on how many of its recordings it is applied. */
        get: operations["show_contract"];
        /** The same for a proposal; the only way for one that never became a policy (`not_issued`). */
        put: operations["report_proposal_contract"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/proposals/{proposal_no}/documents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take in a PDF of a proposal (raw body, application/pdf, at most 20 MiB). */
        post: operations["add_document"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Recordings, newest first: agents see those of their own cases. */
        get: operations["list_recordings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings/{recording_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A recording: state, finalising steps, seal, people. */
        get: operations["show_recording"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings/{recording_id}/accesses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who looked at the recording, newest first. */
        get: operations["list_accesses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings/{recording_id}/answers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Spoken answers with verdicts and overrides. */
        get: operations["list_answers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings/{recording_id}/checks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Machine checks, worst first; not measured is a result of its own. */
        get: operations["list_checks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings/{recording_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Session events in order. */
        get: operations["list_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings/{recording_id}/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The document ledger: who read and signed what, and what is missing. */
        get: operations["list_ledger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings/{recording_id}/manifest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The signed manifest as it is stored. */
        get: operations["download_manifest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings/{recording_id}/package": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The regulator package as a ZIP: everything sealed, the inspection, the access log as it is now, an offline viewer. */
        get: operations["download_package"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings/{recording_id}/play": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Short-lived links for the player, bound to the caller. */
        post: operations["play"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings/{recording_id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The lanes under the player. 409 `RECORDING_NOT_FINALISED` before they are made. */
        get: operations["show_timeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings/{recording_id}/transcript": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who said what when. */
        get: operations["show_transcript"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings/{recording_id}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Verify the stored package now, byte by byte. */
        post: operations["verify_recording"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Search cases, newest first; agents find their own. Whose words were shown is in the audit log and in each access log. */
        post: operations["search"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/service-calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Calls of grace periods, lapses, surrenders and claims, by due time. */
        get: operations["list_service_calls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/service-calls/{call_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One call with its script; the look is logged. */
        get: operations["show_service_call"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/service-calls/{call_id}/call-recordings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take in the recording of a service call. */
        post: operations["add_service_call_recording"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/service-calls/{call_id}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Recordings, letters and scans of a service call. */
        get: operations["list_service_call_files"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/service-calls/{call_id}/forms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the letter of a service call whose customer refuses the telephone. */
        post: operations["make_service_call_letter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/service-calls/{call_id}/number": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The responsible unit found a number: call again. */
        post: operations["give_service_call_number"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/service-calls/{call_id}/result": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Write down what a call brought. */
        post: operations["finish_service_call"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/service-calls/{call_id}/scans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take in the scan of a signed service letter. */
        post: operations["add_service_call_scan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A snapshot, as the agent sees it. */
        get: operations["show_session"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{session_id}/code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A new code and the SMS again; the old code is dead. */
        post: operations["resend_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{session_id}/quality": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How well each leg of a session did, for inspection. */
        get: operations["show_quality"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/talk-scripts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All talk scripts with the version in force. */
        get: operations["list_talk_scripts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/talk-scripts/{key}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Versions of a talk script, newest first. */
        get: operations["list_talk_script_versions"];
        put?: never;
        /** Add a draft; it is checked completely. */
        post: operations["add_talk_script_version"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/talk-scripts/{key}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One version with its content. */
        get: operations["show_talk_script_version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/talk-scripts/{key}/versions/{version}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What changed since another version. */
        get: operations["diff_talk_script"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/talk-scripts/{key}/versions/{version}/publish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put a version into force; running sessions keep the one they froze. */
        post: operations["publish_talk_script"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/underwriting/phone-checks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Before an application is accepted: is this phone another policyholder's, or an agent's? */
        post: operations["check_phone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workday-calendar": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The years around today and where their days come from. */
        get: operations["list_calendar_years"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workday-calendar/{year}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A year in force, day by day, with its versions. */
        get: operations["show_calendar_year"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workday-calendar/{year}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check a year and show which days are worked; nothing is stored. */
        post: operations["preview_calendar_year"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workday-calendar/{year}/text": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Read holidays and made-up workdays out of a published notice; nothing is stored. */
        post: operations["read_calendar_text"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workday-calendar/{year}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Publish a version of a year; what falls due from now on follows it. */
        post: operations["publish_calendar_year"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The session's WebSocket (docs/session-protocol.md); the first message says who connects. */
        get: operations["session_socket"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AbortParams
         * @description abort_session: ends at once, with a reason.
         */
        AbortParams: {
            /** Reason */
            reason: string;
        };
        /**
         * AccessView
         * @description Who looked, when, at what.
         */
        AccessView: {
            /** Action */
            action: string;
            /** Actor Id */
            actor_id: string;
            /** Actor Kind */
            actor_kind: string;
            /** Actor Name */
            actor_name: string;
            /** Address */
            address: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Detail */
            detail: {
                [key: string]: unknown;
            };
        };
        /**
         * AgentKind
         * @description The three identities an agent registers with: 公司业务员, 银行员工, 中介公司员工.
         * @enum {string}
         */
        AgentKind: "company" | "bank" | "intermediary";
        /**
         * Alert
         * @description A machine finding about a person, still active. Advice only: a person decides.
         */
        Alert: {
            /** Code */
            code: string;
            /** Since Ms */
            since_ms: number;
        };
        /**
         * AllowedAction
         * @description One button. Absent actions are not this person's at all; a disabled one says why.
         */
        AllowedAction: {
            /** Action */
            action: string;
            /** Enabled */
            enabled: boolean;
            /** Reasons */
            reasons: components["schemas"]["Reason"][];
        };
        /**
         * AnswerCard
         * @description One person's answer at the current node.
         */
        AnswerCard: {
            /** Attempt */
            attempt: number;
            /** Attempts Max */
            attempts_max: number;
            /**
             * Can Override
             * @default false
             */
            can_override: boolean;
            /**
             * Confidence
             * @default null
             */
            confidence: number | null;
            /** Is Satisfied */
            is_satisfied: boolean;
            /** Name */
            name: string;
            /**
             * Override Reason
             * @default null
             */
            override_reason: string | null;
            /** Person Id */
            person_id: string;
            /**
             * Phrase
             * @default null
             */
            phrase: string | null;
            /** Reasons */
            reasons: string[];
            /** Roles */
            roles: ("agent" | "policyholder" | "insured" | "guardian")[];
            /** Seat Id */
            seat_id: string | null;
            /**
             * State
             * @enum {string}
             */
            state: "waiting" | "listening" | "affirmative" | "negative" | "unclear" | "silent" | "not_measured" | "overridden";
            /**
             * Text
             * @default null
             */
            text: string | null;
            /**
             * Window Closes At
             * @default null
             */
            window_closes_at: string | null;
        };
        /**
         * AnsweredView
         * @description A question with the customer's answer.
         */
        AnsweredView: {
            /**
             * Answer
             * @enum {string}
             */
            answer: "yes" | "no";
            /** Id */
            id: string;
            /** Text */
            text: string;
        };
        /**
         * AnswerView
         * @description A spoken answer as it was judged during the session, with an override where the agent gave one.
         */
        AnswerView: {
            /** Attempt */
            attempt: number | null;
            /** Confidence */
            confidence: number | null;
            /** End Ms */
            end_ms: number | null;
            /** Engine */
            engine: string | null;
            /** Expect */
            expect: string;
            /** Node Id */
            node_id: string;
            /** Node Title */
            node_title: string;
            /** Override Reason */
            override_reason: string | null;
            /** Override Verdict */
            override_verdict: string | null;
            /** Person Id */
            person_id: string;
            /** Phrase */
            phrase: string;
            /** Reasons */
            reasons: string[];
            /** Seat Id */
            seat_id: string;
            /** Start Ms */
            start_ms: number | null;
            /** Text */
            text: string;
            /** Verdict */
            verdict: string;
        };
        /**
         * AppealBody
         * @description The agent disagrees.
         */
        AppealBody: {
            /** Text */
            text: string;
        };
        /**
         * AppealDecisionBody
         * @description An appeal is judged.
         */
        AppealDecisionBody: {
            /** Is Accepted */
            is_accepted: boolean;
            /** Text */
            text: string;
        };
        /**
         * Approval
         * @description One person's approval.
         */
        Approval: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** User Id */
            user_id: string;
            /** User Name */
            user_name: string;
        };
        /**
         * AskedView
         * @description A question as the customer sees it.
         */
        AskedView: {
            /** Id */
            id: string;
            /** Text */
            text: string;
        };
        /**
         * Assign
         * @description Send a visit or a letter.
         */
        Assign: {
            /**
             * Channel
             * @enum {string}
             */
            channel: "visit" | "letter";
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            command: "assign";
            /**
             * Note
             * @default
             */
            note?: string;
        };
        /**
         * AssignBody
         * @description Give inspections to one inspector.
         */
        AssignBody: {
            /** Inspection Ids */
            inspection_ids: string[];
            /** Inspector Id */
            inspector_id: string;
        };
        /**
         * AssignResult
         * @description What was assigned, and what four eyes refused.
         */
        AssignResult: {
            /** Assigned */
            assigned: string[];
            /** Refused */
            refused: {
                [key: string]: string;
            };
        };
        /**
         * AuditPage
         * @description One page, newest first.
         */
        AuditPage: {
            /** Items */
            items: components["schemas"]["AuditRow"][];
            /** Page */
            page: number;
            /** Page Size */
            page_size: number;
            /** Total */
            total: number;
        };
        /**
         * AuditRow
         * @description An entry; personal data in `data` is masked before it is written.
         */
        AuditRow: {
            /** Action */
            action: string;
            /** Actor */
            actor: string;
            /** Actor Name */
            actor_name: string;
            /** Address */
            address: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Data */
            data: {
                [key: string]: unknown;
            };
            /** Hash */
            hash: string;
            /** Seq */
            seq: number;
            /** Subject */
            subject: string;
        };
        /**
         * AuditVerification
         * @description Result of re-hashing the whole chain against the anchored head. `fault` names what is wrong, `seq` where.
         *
         *     `daily_tokens`: days whose head stands in the object store under a time stamp and was compared; null: they were not asked for.
         */
        AuditVerification: {
            /**
             * Daily Tokens
             * @default null
             */
            daily_tokens: number | null;
            /** Fault */
            fault: string | null;
            /** Head */
            head: string;
            /** Is Intact */
            is_intact: boolean;
            /**
             * Last Token On
             * @default null
             */
            last_token_on: string | null;
            /** Rows */
            rows: number;
            /** Seq */
            seq: number | null;
        };
        /**
         * BankRegistration
         * @description 银行员工: the channel is always the bank's.
         */
        BankRegistration: {
            /** Agent Code */
            agent_code: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            agent_kind: "bank";
            /** Agent Name */
            agent_name: string;
            /**
             * Channel Code
             * @default bank
             * @constant
             */
            channel_code?: "bank";
            /** Licence No */
            licence_no: string;
            /** Org Code */
            org_code: string;
            /** Outlet Code */
            outlet_code: string;
            /** Password */
            password: string;
            /** Phone */
            phone: string;
            sex: components["schemas"]["Sex"];
            /** Sms Code */
            sms_code: string;
        };
        /**
         * BindCheck
         * @description The code from the SMS, with what it was asked for.
         */
        BindCheck: {
            /** Cert No */
            cert_no: string;
            /** Code */
            code: string;
            /** Phone */
            phone: string;
        };
        /**
         * BindCodeSent
         * @description The same for everybody: a code was sent if the two belong together.
         */
        BindCodeSent: {
            /** Expires S */
            expires_s: number;
            /** Resend After S */
            resend_after_s: number;
        };
        /**
         * BindRequest
         * @description Who wants to bind: certificate number and the phone registered with the insurer.
         */
        BindRequest: {
            /** Cert No */
            cert_no: string;
            /** Phone */
            phone: string;
        };
        /**
         * BindTicket
         * @description Opens setting the password, for ten minutes.
         */
        BindTicket: {
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Is Bound */
            is_bound: boolean;
            /** Ticket */
            ticket: string;
        };
        /**
         * Blocked
         * @description Why the customer cannot go on now. `code` as in the rules; `phone`: whom to call; `until` / `opens_at` where time helps.
         */
        Blocked: {
            /** Code */
            code: string;
            /**
             * Opens At
             * @default null
             */
            opens_at: string | null;
            /** Phone */
            phone: string;
            /**
             * Until
             * @default null
             */
            until: string | null;
        };
        /**
         * CalendarDays
         * @description A year as it is entered: all days off, weekends inside them included or not, and the weekend days that are worked.
         */
        CalendarDays: {
            /** Holidays */
            holidays: components["schemas"]["DaysOff"][];
            /** Workdays */
            workdays: string[];
        };
        /**
         * CalendarFaultView
         * @description Why a year cannot be used, or what of a text was not read.
         */
        CalendarFaultView: {
            /** Code */
            code: string;
            /** Day */
            day: string | null;
            /** Text */
            text: string;
        };
        /**
         * CalendarPreview
         * @description What a year looks like. `months`: a letter per day; null where the days cannot be used.
         *
         *     `w` worked, `m` a weekend day that is worked, `e` weekend, `h` a weekday off, `o` a weekend day inside a holiday.
         */
        CalendarPreview: {
            /** Faults */
            faults: components["schemas"]["CalendarFaultView"][];
            /** Months */
            months: string[] | null;
            /** Worked */
            worked: number;
        };
        /**
         * CalendarRead
         * @description What was read out of a text.
         */
        CalendarRead: {
            /** Faults */
            faults: components["schemas"]["CalendarFaultView"][];
            /** Holidays */
            holidays: components["schemas"]["DaysOff"][];
            /** Workdays */
            workdays: string[];
        };
        /**
         * CalendarText
         * @description A notice, or lines of dates.
         */
        CalendarText: {
            /** Text */
            text: string;
        };
        /**
         * CalendarVersion
         * @description A published version of a year.
         */
        CalendarVersion: {
            /** Note */
            note: string;
            /**
             * Published At
             * Format: date-time
             */
            published_at: string;
            /** Published By */
            published_by: string;
            /** Version */
            version: number;
        };
        /**
         * CalendarYear
         * @description A year in force, day by day, with its published versions, newest first. `version` 0: none was published.
         */
        CalendarYear: {
            /** Holidays */
            holidays: components["schemas"]["DaysOff"][];
            /** Months */
            months: string[];
            /**
             * Source
             * @enum {string}
             */
            source: "published" | "file" | "shipped" | "estimated" | "law";
            /** Version */
            version: number;
            /** Versions */
            versions: components["schemas"]["CalendarVersion"][];
            /** Workdays */
            workdays: string[];
            /** Worked */
            worked: number;
            /** Year */
            year: number;
        };
        /**
         * CalendarYearDraft
         * @description A year to publish, and why.
         */
        CalendarYearDraft: {
            /** Base Version */
            base_version: number;
            /** Holidays */
            holidays: components["schemas"]["DaysOff"][];
            /** Note */
            note: string;
            /** Workdays */
            workdays: string[];
        };
        /**
         * CalendarYearRow
         * @description A year in short.
         */
        CalendarYearRow: {
            /** Is Needed */
            is_needed: boolean;
            /**
             * Source
             * @enum {string}
             */
            source: "published" | "file" | "shipped" | "estimated" | "law";
            /** Version */
            version: number;
            /** Worked */
            worked: number;
            /** Year */
            year: number;
        };
        /**
         * CalendarYears
         * @description The years around today. `file_fault`: what is wrong with the installation's own file, which is left out then.
         */
        CalendarYears: {
            /** File Fault */
            file_fault: string;
            /** Items */
            items: components["schemas"]["CalendarYearRow"][];
            /**
             * Today
             * Format: date
             */
            today: string;
        };
        /**
         * CallbackDetail
         * @description Everything about one callback. `allowed`: the commands the caller may send now.
         */
        CallbackDetail: {
            /** Allowed */
            allowed: string[];
            call_results: components["schemas"]["CallResults"];
            /** Can Call From */
            can_call_from: string | null;
            /** Channel */
            channel: string | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            desk: components["schemas"]["DeskView"];
            /** Files */
            files: components["schemas"]["CallbackFile"][];
            /** Finished At */
            finished_at: string | null;
            /** Has Electronic */
            has_electronic: boolean;
            /** History */
            history: components["schemas"]["CallbackEventView"][];
            /** Id */
            id: string;
            /** Insurer */
            insurer: string;
            /** Is History Intact */
            is_history_intact: boolean;
            /** Next Call At */
            next_call_at: string | null;
            /** Notice */
            notice: string;
            /** Pages */
            pages: components["schemas"]["KeptPage"][];
            /** Phone Attempts */
            phone_attempts: number;
            /** Phone Attempts Max */
            phone_attempts_max: number;
            policy: components["schemas"]["PolicyFactsView"];
            /** Problem Category */
            problem_category: string;
            /** Questions */
            questions: components["schemas"]["CallbackQuestion"][];
            /** Remark */
            remark: string;
            /** Result */
            result: string;
            /** Rulebook */
            rulebook: string;
            /** Rulebook Version */
            rulebook_version: number;
            /** Signed Paper */
            signed_paper: string;
            /** Skipped */
            skipped: components["schemas"]["SkippedView"][];
            state: components["schemas"]["State"];
            /** Tasks */
            tasks: components["schemas"]["CallbackTask"][];
            /** Verification */
            verification: string;
            /**
             * Window Ends At
             * Format: date-time
             */
            window_ends_at: string;
        };
        /**
         * CallbackEntry
         * @description What a link opens on. `method` is decided by the certificate type; `blocked` is null when the customer may start.
         */
        CallbackEntry: {
            blocked: components["schemas"]["Blocked"] | null;
            /** Can Measure */
            can_measure: boolean;
            /** Can Use Code */
            can_use_code: boolean;
            /** Challenges */
            challenges: ("turns" | "digits")[];
            /** Desk Hours */
            desk_hours: string;
            /** Desk Phone */
            desk_phone: string;
            /** Has Account */
            has_account: boolean;
            /** Insurer */
            insurer: string;
            /** Is Elderly */
            is_elderly: boolean;
            /**
             * Method
             * @enum {string}
             */
            method: "face" | "sms_code";
            /** Min Answer Seconds */
            min_answer_seconds: number;
            notice: components["schemas"]["NoticeView"] | null;
            /** Phone Masked */
            phone_masked: string;
            /** Policy No Masked */
            policy_no_masked: string;
            /** Policyholder Masked */
            policyholder_masked: string;
            /** Product Name */
            product_name: string;
            /** Requires Signature */
            requires_signature: boolean;
            state: components["schemas"]["State"];
            /** Steps */
            steps: ("identity" | "policy" | "notice" | "questions" | "confirm" | "signature")[];
            /** Tries Left */
            tries_left: number;
            /**
             * Window Ends At
             * Format: date-time
             */
            window_ends_at: string;
        };
        /**
         * CallbackEventView
         * @description An entry of the history, with what it means in plain words: `title`, `detail` and `rule_name` may be empty.
         */
        CallbackEventView: {
            /** Actor */
            actor: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Data */
            data: {
                [key: string]: unknown;
            };
            /** Detail */
            detail: string;
            /** Kind */
            kind: string;
            /** Rule */
            rule: string;
            /** Rule Name */
            rule_name: string;
            /** Seq */
            seq: number;
            state: components["schemas"]["State"];
            /** Title */
            title: string;
        };
        /**
         * CallbackFile
         * @description A file of the desk. `kind`: call_recording, form or scan; `purpose` of a form or scan: visit, letter, explanation,
         *     re_signature. `facts`: duration_ms and codec of a recording, pages of a paper.
         */
        CallbackFile: {
            /** Content Type */
            content_type: string;
            /** Facts */
            facts: {
                [key: string]: unknown;
            };
            /** Id */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "call_recording" | "form" | "scan";
            /**
             * Made At
             * Format: date-time
             */
            made_at: string;
            /** Made By Name */
            made_by_name: string;
            /** Purpose */
            purpose: string;
            /** Sha256 */
            sha256: string;
            /** Size Bytes */
            size_bytes: number;
        };
        /**
         * CallbackFileList
         * @description Files, oldest first.
         */
        CallbackFileList: {
            /** Items */
            items: components["schemas"]["CallbackFile"][];
        };
        /**
         * CallbackPage
         * @description A page of the work list; `counts` by view.
         */
        CallbackPage: {
            /** Counts */
            counts: {
                [key: string]: number;
            };
            /** Items */
            items: components["schemas"]["CallbackRow"][];
            /** Page */
            page: number;
            /** Page Size */
            page_size: number;
            /** Total */
            total: number;
        };
        /**
         * CallbackQuestion
         * @description A question with its answer now, and what was said in the recording.
         */
        CallbackQuestion: {
            /** Answer */
            answer: ("yes" | "no") | null;
            /** Because */
            because: string[];
            /** Contradiction */
            contradiction: ("yes_after_negative" | "no_after_affirmative" | "no_after_override") | null;
            /**
             * Expected
             * @enum {string}
             */
            expected: "yes" | "no";
            /** Id */
            id: string;
            /** Is Unexpected */
            is_unexpected: boolean;
            said: components["schemas"]["RecordedAnswer"] | null;
            /** Subject */
            subject: string;
            /** Text */
            text: string;
        };
        /**
         * CallbackRow
         * @description A line of the work list. `why` is the kind of the last event, `rule` the rule behind it; both also in words.
         *
         *     `due_at`: of a phone call, from when it may be made; of any other task, by when it is to be done. `late_at`: after it the task
         *     is overdue.
         */
        CallbackRow: {
            /** Channel */
            channel: string | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Due At */
            due_at: string | null;
            /** Finished At */
            finished_at: string | null;
            /** Has Recording */
            has_recording: boolean;
            /** Id */
            id: string;
            /** Is Overdue */
            is_overdue: boolean;
            /** Late At */
            late_at: string | null;
            /** Org Code */
            org_code: string;
            /** Phone Attempts */
            phone_attempts: number;
            /** Phone Masked */
            phone_masked: string;
            /** Policy No */
            policy_no: string;
            /** Policyholder Name */
            policyholder_name: string;
            /** Priority */
            priority: number | null;
            /** Problem Category */
            problem_category: string;
            /** Product Name */
            product_name: string;
            /** Result */
            result: string;
            /** Rule */
            rule: string;
            /** Rule Name */
            rule_name: string;
            state: components["schemas"]["State"];
            /** Task */
            task: string | null;
            /** Why */
            why: string;
            /** Why Text */
            why_text: string;
        };
        /**
         * CallbackSignature
         * @description Strokes of the signature.
         */
        CallbackSignature: {
            /** Strokes */
            strokes: components["schemas"]["SignaturePoint"][][];
        };
        /**
         * CallbackStep
         * @description The answer to submitting: the confirmation page, or the result where the rulebook has no such page.
         */
        CallbackStep: {
            confirm: components["schemas"]["ConfirmView"] | null;
            result: components["schemas"]["ResultView"] | null;
        };
        /**
         * CallbackTask
         * @description A task of the desk; `due_at` and `late_at` as in the work list, `detail` in words.
         */
        CallbackTask: {
            /** Callback Id */
            callback_id: string | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Detail */
            detail: string;
            /** Done At */
            done_at: string | null;
            /**
             * Due At
             * Format: date-time
             */
            due_at: string;
            /** Id */
            id: string;
            /** Is Overdue */
            is_overdue: boolean;
            /** Kind */
            kind: string;
            /**
             * Late At
             * Format: date-time
             */
            late_at: string;
            /** Policy No */
            policy_no: string;
            /** Rule */
            rule: string;
            /** Rule Name */
            rule_name: string;
            /**
             * Status
             * @enum {string}
             */
            status: "open" | "done" | "cancelled";
        };
        /**
         * CallbackTaskPage
         * @description A page of tasks by due time.
         */
        CallbackTaskPage: {
            /** Items */
            items: components["schemas"]["CallbackTask"][];
            /** Page */
            page: number;
            /** Page Size */
            page_size: number;
            /** Total */
            total: number;
        };
        /**
         * CallReference
         * @description A call, as the telephone system names it.
         */
        CallReference: {
            /** Reference */
            reference: string;
        };
        /**
         * CallResults
         * @description The results that the rules take of a call now, by who called whom.
         */
        CallResults: {
            /** Inbound */
            inbound: ("success" | "problem" | "no_answer" | "refused" | "wrong_number")[];
            /** Outbound */
            outbound: ("success" | "problem" | "no_answer" | "refused" | "wrong_number")[];
        };
        /**
         * Caption
         * @description A prompt's text with its timing: `marks` are (character index, ms after the prompt's start).
         */
        Caption: {
            /** Marks */
            marks: [
                number,
                number
            ][];
            /** Text */
            text: string;
        };
        /**
         * CaseCallback
         * @description The callback of a case, in short.
         */
        CaseCallback: {
            /** Callback Id */
            callback_id: string;
            /** Due At */
            due_at: string | null;
            /** Finished At */
            finished_at: string | null;
            /** Policy No */
            policy_no: string;
            /** Result */
            result: string;
            state: components["schemas"]["State"];
        };
        /**
         * CaseEventView
         * @description A step in a case's history.
         */
        CaseEventView: {
            /** Actor */
            actor: string;
            /** Actor Name */
            actor_name: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Event */
            event: string;
            from_state: components["schemas"]["CaseState"] | null;
            /** Note */
            note: string;
            to_state: components["schemas"]["CaseState"];
        };
        /**
         * CaseInView
         * @description The case in the header.
         */
        CaseInView: {
            /** Case Id */
            case_id: string;
            /** Insurer Name */
            insurer_name: string;
            /** Policyholder Name */
            policyholder_name: string;
            /** Product Kind */
            product_kind: string;
            /** Product Name */
            product_name: string;
            /** Proposal No */
            proposal_no: string;
        };
        /**
         * CasePage
         * @description One page of cases; `counts` are per state for the same search without the state filter.
         */
        CasePage: {
            /** Counts */
            counts: {
                [key: string]: number;
            };
            /** Items */
            items: components["schemas"]["CaseSummary"][];
            /** Page */
            page: number;
            /** Page Size */
            page_size: number;
            /** Total */
            total: number;
        };
        /**
         * CaseState
         * @description Where a case stands.
         * @enum {string}
         */
        CaseState: "draft" | "identity_pending" | "ready" | "in_session" | "finalising" | "pending_inspection" | "in_inspection" | "passed" | "rejected" | "supplementary" | "declined" | "cancelled";
        /**
         * CaseSummary
         * @description A line of the list of cases.
         */
        CaseSummary: {
            /** Agent Id */
            agent_id: string;
            /** Agent Name */
            agent_name: string;
            channel: components["schemas"]["Channel"];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Has Minor */
            has_minor: boolean;
            /** Id */
            id: string;
            /** Insured Name */
            insured_name: string;
            /** Is Elderly */
            is_elderly: boolean;
            /** Is Supplementary */
            is_supplementary: boolean;
            /** Policyholder Name */
            policyholder_name: string;
            premium: components["schemas"]["PremiumView"];
            /** Product Name */
            product_name: string;
            product_type: components["schemas"]["ProductType"];
            /** Proposal No */
            proposal_no: string;
            state: components["schemas"]["CaseState"];
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /**
         * CaseView
         * @description A case. `allowed_actions` is decided by the server; pages render it.
         *
         *     Actions: `capture_identity`, `create_session`, `cancel`, `start_supplementary`, `change_location`.
         */
        CaseView: {
            /** Agent Id */
            agent_id: string;
            /** Agent Licence No */
            agent_licence_no: string;
            /** Agent Name */
            agent_name: string;
            /** Allowed Actions */
            allowed_actions: string[];
            /** Blocked By */
            blocked_by: string[];
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Declined Reason */
            declined_reason: string;
            /** History */
            history: components["schemas"]["CaseEventView"][];
            /** Id */
            id: string;
            /** Is Elderly */
            is_elderly: boolean;
            /** Is Supplementary */
            is_supplementary: boolean;
            /** Participants */
            participants: components["schemas"]["ParticipantView"][];
            proposal: components["schemas"]["ProposalView"];
            state: components["schemas"]["CaseState"];
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /**
         * CertType
         * @description Identity papers.
         * @enum {string}
         */
        CertType: "id_card" | "passport" | "hk_macau_permit" | "taiwan_permit" | "residence_permit" | "household_register" | "birth_certificate";
        /**
         * ChallengeStep
         * @description One thing to do, inside a window of the video's own time.
         */
        ChallengeStep: {
            /**
             * Action
             * @enum {string}
             */
            action: "straight" | "read" | "turn_left" | "turn_right";
            /** From Ms */
            from_ms: number;
            /** To Ms */
            to_ms: number;
        };
        /**
         * ChallengeView
         * @description A challenge, good for one video until `expires_at`. `digits` are to be read aloud slowly; empty for turns of the head.
         */
        ChallengeView: {
            /** Challenge Id */
            challenge_id: string;
            /** Digits */
            digits: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "turns" | "digits";
            /** Length Ms */
            length_ms: number;
            /** Steps */
            steps: components["schemas"]["ChallengeStep"][];
        };
        /**
         * Change
         * @description The policy changed: another phone, or it ended.
         */
        Change: {
            /** Event No */
            event_no: string;
            /**
             * Happened At
             * Format: date-time
             */
            happened_at: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "change";
            /**
             * Phone
             * @default null
             */
            phone?: string | null;
            /**
             * Status
             * @default null
             */
            status?: ("in_force" | "surrendered" | "cancelled" | "lapsed" | "ended") | null;
        };
        /**
         * ChangePassword
         * @description A signed-in person's own password.
         */
        ChangePassword: {
            /** Current */
            current: string;
            /** New */
            new: string;
        };
        /**
         * Channel
         * @description Sales channel.
         * @enum {string}
         */
        Channel: "individual" | "bank" | "intermediary" | "group" | "telephone";
        /**
         * CheckSpan
         * @description Where a machine check found something.
         */
        CheckSpan: {
            /** Code */
            code: string;
            /**
             * Result
             * @enum {string}
             */
            result: "pass" | "warn" | "fail" | "not_measured";
            /** Seat Id */
            seat_id: string | null;
            /** T0 Ms */
            t0_ms: number;
            /** T1 Ms */
            t1_ms: number;
        };
        /**
         * CheckView
         * @description A machine check. `not_measured` is a result of its own and never counts as a pass.
         */
        CheckView: {
            /** Code */
            code: string;
            /** Limit */
            limit: unknown;
            /** Reason */
            reason: string | null;
            /**
             * Result
             * @enum {string}
             */
            result: "pass" | "warn" | "fail" | "not_measured";
            /** Scope */
            scope: string;
            /** Source */
            source: string;
            /** Spans */
            spans: {
                [key: string]: unknown;
            }[];
            /** Value */
            value: unknown;
        };
        /**
         * ClaimRequest
         * @description `POST /api/v1/join/claim` with the join ticket: one or several role_ids.
         */
        ClaimRequest: {
            /** Role Ids */
            role_ids: string[];
        };
        /**
         * Classify
         * @description Name the kind of problem.
         */
        Classify: {
            /**
             * Category
             * @enum {string}
             */
            category: "not_received" | "unclear_rights" | "promise" | "identity_doubt" | "contradiction" | "signature_missing" | "signed_by_other" | "misconduct" | "other";
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            command: "classify";
            /**
             * Note
             * @default
             */
            note?: string;
        };
        /**
         * ClientCommand
         * @description A command; `params` is validated by the command's own model below.
         */
        ClientCommand: {
            /** Command */
            command: string;
            /** Id */
            id: string;
            /** Params */
            params: {
                [key: string]: unknown;
            };
            /**
             * Type
             * @constant
             */
            type: "command";
        };
        /**
         * CloseCallback
         * @description End a callback without a result, with a reason.
         */
        CloseCallback: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            command: "close";
            /**
             * Note
             * @default
             */
            note?: string;
            /** Reason */
            reason: string;
        };
        /**
         * CodeCheck
         * @description The code from the SMS.
         */
        CodeCheck: {
            /** Code */
            code: string;
        };
        /**
         * CodeSent
         * @description Where a code went. The number is the policy's and cannot be changed here.
         */
        CodeSent: {
            /** Expires S */
            expires_s: number;
            /** Phone Masked */
            phone_masked: string;
            /** Resend After S */
            resend_after_s: number;
        };
        /**
         * CompanyRegistration
         * @description 公司业务员.
         */
        CompanyRegistration: {
            /** Agent Code */
            agent_code: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            agent_kind: "company";
            /** Agent Name */
            agent_name: string;
            /**
             * Channel Code
             * @enum {string}
             */
            channel_code: "individual" | "group" | "telephone";
            /** Licence No */
            licence_no: string;
            /** Org Code */
            org_code: string;
            /** Outlet Code */
            outlet_code: string;
            /** Password */
            password: string;
            /** Phone */
            phone: string;
            sex: components["schemas"]["Sex"];
            /** Sms Code */
            sms_code: string;
        };
        /**
         * ConfirmIdParams
         * @description confirm_id: the agent for a customer's certificate, the policyholder for the agent's (their person_id: `agent`).
         */
        ConfirmIdParams: {
            /**
             * Method
             * @default camera
             * @enum {string}
             */
            method: "camera" | "share" | "on_site";
            /** Node Id */
            node_id: string;
            /** Person Id */
            person_id: string;
        };
        /**
         * ConfirmOnSiteParams
         * @description confirm_on_site (T17): the agent saw this person, at the agent's place, read and sign these documents.
         */
        ConfirmOnSiteParams: {
            /** Document Ids */
            document_ids: string[];
            /** Node Id */
            node_id: string;
            /** Person Id */
            person_id: string;
        };
        /**
         * ConfirmView
         * @description The confirmation page: all questions and answers.
         */
        ConfirmView: {
            /** Answers */
            answers: components["schemas"]["AnsweredView"][];
            /** Callback Id */
            callback_id: string;
            /** Can Edit */
            can_edit: boolean;
            header: components["schemas"]["PolicyHeader"];
            /** Is Signed */
            is_signed: boolean;
            /** Remark */
            remark: string;
            /** Requires Signature */
            requires_signature: boolean;
        };
        /**
         * ConsentRequest
         * @description `POST /api/v1/join/consents` with the seat ticket. A required consent that is false declines the session.
         */
        ConsentRequest: {
            /** Ai Voice */
            ai_voice: boolean;
            /** Face And Identity */
            face_and_identity: boolean;
            /** Recording */
            recording: boolean;
        };
        /**
         * ConsentResult
         * @description What became of it.
         */
        ConsentResult: {
            /** Granted */
            granted: boolean;
            /**
             * Phase
             * @enum {string}
             */
            phase: "lobby" | "recording" | "ended" | "declined" | "aborted";
        };
        /**
         * ConsentText
         * @description One consent to show, separately ticked.
         */
        ConsentText: {
            /** Is Required */
            is_required: boolean;
            /**
             * Kind
             * @enum {string}
             */
            kind: "recording" | "face_and_identity" | "ai_voice";
            /** Text */
            text: string;
            /** Title */
            title: string;
            /** Version */
            version: string;
        };
        /**
         * ContractReport
         * @description What the core system knows of a contract now; each report replaces the one before. `ended_on` null: in force.
         */
        ContractReport: {
            /** Disputes */
            disputes?: components["schemas"]["Dispute"][];
            /**
             * End Reason
             * @default null
             */
            end_reason?: ("expired" | "surrendered" | "cancelled" | "claimed" | "lapsed" | "not_issued") | null;
            /**
             * Ended On
             * @default null
             */
            ended_on?: string | null;
            /**
             * Is Over One Year
             * @default null
             */
            is_over_one_year?: boolean | null;
        };
        /**
         * ContractView
         * @description A contract as custody sees it. `applied` of `recordings` have it on the store.
         */
        ContractView: {
            /** Applied */
            applied: number;
            /** Disputes */
            disputes: components["schemas"]["Dispute"][];
            /** End Reason */
            end_reason: ("expired" | "surrendered" | "cancelled" | "claimed" | "lapsed" | "not_issued") | null;
            /** Ended On */
            ended_on: string | null;
            /** Is Held */
            is_held: boolean;
            /** Is Over One Year */
            is_over_one_year: boolean;
            /** Policy No */
            policy_no: string | null;
            /** Proposal No */
            proposal_no: string;
            /** Recordings */
            recordings: number;
            /**
             * Reported At
             * Format: date-time
             */
            reported_at: string;
            /** Retain Until */
            retain_until: string | null;
            /** Version */
            version: number;
        };
        /**
         * CreateSessionRequest
         * @description `POST /api/v1/cases/{case_id}/session`. `mode` audio_visual is the only one offered (T2).
         */
        CreateSessionRequest: {
            /**
             * Mode
             * @default audio_visual
             * @constant
             */
            mode?: "audio_visual";
            /**
             * Supplements Recording Id
             * @default null
             */
            supplements_recording_id?: string | null;
        };
        /**
         * CurrentNode
         * @description Everything about the node that is on.
         */
        CurrentNode: {
            /**
             * Agent Text
             * @default null
             */
            agent_text: string | null;
            /** Answers */
            answers: components["schemas"]["AnswerCard"][];
            /** Audience */
            audience: ("agent" | "policyholder" | "insured" | "guardian")[];
            /** Documents */
            documents: components["schemas"]["LedgerLine"][];
            /**
             * Entered At
             * Format: date-time
             */
            entered_at: string;
            /** Id Checks */
            id_checks: components["schemas"]["IdCheck"][];
            /** Is Last */
            is_last: boolean;
            /** Is Locked */
            is_locked: boolean;
            /**
             * Kind
             * @enum {string}
             */
            kind: "notice" | "agent_statement" | "show_id" | "question" | "reading" | "signing" | "closing";
            /** Min Ms */
            min_ms: number;
            /** Must Repeat */
            must_repeat: string[];
            /** Node Id */
            node_id: string;
            /** Notes */
            notes: components["schemas"]["NoteInView"][];
            /** Number */
            number: number;
            prompt: components["schemas"]["PromptInView"];
            /** Text */
            text: string;
            /** Title */
            title: string;
        };
        /**
         * CustodyPage
         * @description Recordings by the end of their period, the earliest first.
         */
        CustodyPage: {
            /** Counts */
            counts: {
                [key: string]: number;
            };
            /** Items */
            items: components["schemas"]["CustodyRow"][];
            /** Page */
            page: number;
            /** Page Size */
            page_size: number;
            /** Total */
            total: number;
        };
        /**
         * CustodyRow
         * @description A sealed recording in custody.
         *
         *     `held`: the contract's end is not known (or a dispute is open). `pending`: a report is being applied on the store.
         *     `retained`: kept until `retain_until`. `due`: may go onto a disposal list. `listed`: is on one. `disposed`: gone.
         */
        CustodyRow: {
            /** Bytes */
            bytes: number;
            /** Case Id */
            case_id: string;
            /** Contract Ended On */
            contract_ended_on: string | null;
            /** Days Left */
            days_left: number | null;
            /** Disposal Id */
            disposal_id: string | null;
            /** Disposed At */
            disposed_at: string | null;
            /** Is Locked */
            is_locked: boolean;
            /** Policy No */
            policy_no: string | null;
            /** Proposal No */
            proposal_no: string;
            /**
             * Recorded At
             * Format: date-time
             */
            recorded_at: string;
            /** Recording Id */
            recording_id: string;
            /** Retain Until */
            retain_until: string | null;
            /**
             * State
             * @enum {string}
             */
            state: "held" | "pending" | "retained" | "due" | "listed" | "disposed";
        };
        /**
         * CustomerIdentity
         * @description The customer's own capture page.
         */
        CustomerIdentity: {
            /** Can Capture */
            can_capture: boolean;
            /** Images */
            images: components["schemas"]["CustomerImage"][];
            /** Is Complete */
            is_complete: boolean;
            /** Missing */
            missing: components["schemas"]["ImageKind"][];
            /** Name Masked */
            name_masked: string;
            /** Product Name */
            product_name: string;
            /** Required */
            required: components["schemas"]["ImageKind"][];
        };
        /**
         * CustomerImage
         * @description An image as its own customer sees it: whether it is there and whether it should be taken again.
         */
        CustomerImage: {
            /**
             * Captured At
             * Format: date-time
             */
            captured_at: string;
            /** Checks */
            checks: components["schemas"]["ImageCheck"][];
            kind: components["schemas"]["ImageKind"];
        };
        /**
         * CustomerTicket
         * @description A bearer ticket for the customer's pages; `scope` says for which.
         */
        CustomerTicket: {
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Scope */
            scope: string;
            /** Ticket */
            ticket: string;
        };
        /**
         * DaysOff
         * @description A holiday: first and last day, both off.
         */
        DaysOff: {
            /**
             * First
             * Format: date
             */
            first: string;
            /**
             * Last
             * Format: date
             */
            last: string;
        };
        /**
         * DeclineParams
         * @description decline: a customer withdraws consent (or the agent records a spoken refusal); the session ends as declined.
         */
        DeclineParams: {
            /**
             * Reason
             * @default
             */
            reason: string;
        };
        /**
         * DeliveryPage
         * @description A page of deliveries, newest first; `counts` by status.
         */
        DeliveryPage: {
            /** Counts */
            counts: {
                [key: string]: number;
            };
            /** Items */
            items: components["schemas"]["DeliveryView"][];
            /** Page */
            page: number;
            /** Page Size */
            page_size: number;
            /** Total */
            total: number;
        };
        /**
         * DeliveryView
         * @description A delivery. `body` is what is sent.
         */
        DeliveryView: {
            /** Attempts */
            attempts: number;
            /** Body */
            body: {
                [key: string]: unknown;
            };
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Delivered At */
            delivered_at: string | null;
            /** Endpoint Id */
            endpoint_id: string;
            /** Endpoint Name */
            endpoint_name: string;
            /** Error */
            error: string;
            /** Event */
            event: string;
            /** Id */
            id: string;
            /** Last Status */
            last_status: number | null;
            /** Next Attempt At */
            next_attempt_at: string | null;
            /**
             * Status
             * @enum {string}
             */
            status: "queued" | "sending" | "delivered" | "dead";
            /** Subject */
            subject: string;
        };
        /**
         * DemoLogin
         * @description A documented demo account; development only.
         */
        DemoLogin: {
            /** Display Name */
            display_name: string;
            /** Login */
            login: string;
            /** Password */
            password: string;
            /** Roles */
            roles: components["schemas"]["Role"][];
        };
        /**
         * DeskView
         * @description When the phone desk may call under this callback's rulebook.
         */
        DeskView: {
            /** Hours */
            hours: string;
            /** Is Open */
            is_open: boolean;
            /** Number */
            number: string;
            /**
             * Opens At
             * Format: date-time
             */
            opens_at: string;
        };
        /**
         * DiffEntry
         * @description One difference: `path` is like `nodes[consent].text`.
         */
        DiffEntry: {
            /** After */
            after: unknown;
            /** Before */
            before: unknown;
            /**
             * Change
             * @enum {string}
             */
            change: "added" | "removed" | "changed";
            /** Path */
            path: string;
        };
        /**
         * DisposalItem
         * @description A recording on a list, and what became of it.
         */
        DisposalItem: {
            /** Bytes */
            bytes: number;
            /** Case Id */
            case_id: string;
            /** Code */
            code: string | null;
            /** Ended At */
            ended_at: string | null;
            /** Manifest Sha256 */
            manifest_sha256: string | null;
            /** Objects */
            objects: number;
            /** Proposal No */
            proposal_no: string;
            /** Recording Id */
            recording_id: string;
            /**
             * Retain Until
             * Format: date
             */
            retain_until: string;
            /**
             * State
             * @enum {string}
             */
            state: "planned" | "deleted" | "refused";
        };
        /**
         * DisposalSummary
         * @description A disposal list in lists.
         */
        DisposalSummary: {
            /** Allowed Actions */
            allowed_actions: ("approve" | "withdraw")[];
            /** Approvals */
            approvals: components["schemas"]["Approval"][];
            /** Approvals Needed */
            approvals_needed: number;
            /** Bytes */
            bytes: number;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Created By Name */
            created_by_name: string;
            /** Deleted */
            deleted: number;
            /** Ended At */
            ended_at: string | null;
            /** Id */
            id: string;
            /** Reason */
            reason: string;
            /** Recordings */
            recordings: number;
            /** Refused */
            refused: number;
            /**
             * State
             * @enum {string}
             */
            state: "proposed" | "approved" | "done" | "failed" | "withdrawn";
        };
        /**
         * DisposalView
         * @description A disposal list with its recordings.
         */
        DisposalView: {
            /** Allowed Actions */
            allowed_actions: ("approve" | "withdraw")[];
            /** Approvals */
            approvals: components["schemas"]["Approval"][];
            /** Approvals Needed */
            approvals_needed: number;
            /** Bytes */
            bytes: number;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Created By Name */
            created_by_name: string;
            /** Deleted */
            deleted: number;
            /** Ended At */
            ended_at: string | null;
            /** Id */
            id: string;
            /** Items */
            items: components["schemas"]["DisposalItem"][];
            /** Reason */
            reason: string;
            /** Recordings */
            recordings: number;
            /** Refused */
            refused: number;
            /**
             * State
             * @enum {string}
             */
            state: "proposed" | "approved" | "done" | "failed" | "withdrawn";
        };
        /**
         * Dispute
         * @description A dispute about the contract. Without `ended_on` it is open, and nothing may be let go.
         */
        Dispute: {
            /** Dispute No */
            dispute_no: string;
            /**
             * Ended On
             * @default null
             */
            ended_on: string | null;
            /**
             * Opened On
             * Format: date
             */
            opened_on: string;
        };
        /**
         * DocumentArea
         * @description Where something stands on a page (from 1), as shares of its width and height from the top left.
         */
        DocumentArea: {
            /** Bottom */
            bottom: number;
            /** Left */
            left: number;
            /** Page */
            page: number;
            /** Right */
            right: number;
            /** Top */
            top: number;
        };
        /**
         * DocumentInView
         * @description A document I may open; bytes at `url` with my ticket.
         */
        DocumentInView: {
            /** Document Id */
            document_id: string;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
            /**
             * Needs
             * @enum {string}
             */
            needs: "read" | "sign";
            /** Page Count */
            page_count: number;
            /** Sha256 */
            sha256: string;
            /** Url */
            url: string;
        };
        /**
         * DocumentKind
         * @description 投保提示书, 条款, 免责说明, 投保单, 产品说明书.
         *
         *     Prompt, exclusion note and proposal form are signed; the others are read.
         * @enum {string}
         */
        DocumentKind: "insurance_prompt" | "terms" | "exclusion_note" | "proposal_form" | "product_manual";
        /**
         * DocumentOpenParams
         * @description document.open.
         */
        DocumentOpenParams: {
            /** Document Id */
            document_id: string;
            /**
             * Person Id
             * @default null
             */
            person_id: string | null;
        };
        /**
         * DocumentSignParams
         * @description document.sign: strokes as drawn; the server hashes and keeps them encrypted. Without person_id: the seat's first person.
         */
        DocumentSignParams: {
            /** Document Id */
            document_id: string;
            /**
             * Person Id
             * @default null
             */
            person_id: string | null;
            /** Strokes */
            strokes: components["schemas"]["StrokePoint"][][];
        };
        /**
         * DocumentView
         * @description A PDF of a proposal. The areas are found in its text; null when they were not.
         *
         *     `content_url` needs staff rights or a customer's session ticket.
         */
        DocumentView: {
            /** Content Url */
            content_url: string;
            /** Id */
            id: string;
            kind: components["schemas"]["DocumentKind"];
            number_area: components["schemas"]["DocumentArea"] | null;
            /** Pages */
            pages: number;
            /** Requires Signature */
            requires_signature: boolean;
            /** Sha256 */
            sha256: string;
            /** Size Bytes */
            size_bytes: number;
            /** Title */
            title: string;
            title_area: components["schemas"]["DocumentArea"] | null;
        };
        /**
         * DocumentViewParams
         * @description document.view: raw facts once a second while reading; the server derives the rest.
         *
         *     `visible` is the part of the page on screen, (left, top, right, bottom) in 0…1 of the page; `zoom` 1.0 = page width fits.
         */
        DocumentViewParams: {
            /** Document Id */
            document_id: string;
            /** Page */
            page: number;
            /** Visible */
            visible: [
                number,
                number,
                number,
                number
            ];
            /** Zoom */
            zoom: number;
        };
        /**
         * DraftVersion
         * @description Data to check. It is refused with 422 `RULEBOOK_INVALID` or `QUESTIONNAIRE_INVALID`, naming the place.
         */
        DraftVersion: {
            /** Data */
            data: {
                [key: string]: unknown;
            };
            /**
             * @default {
             *       "product_type": "participating",
             *       "payment_mode": "regular_pay",
             *       "channel": "agent",
             *       "certificate": "id_card",
             *       "is_insured_policyholder": false,
             *       "insured_age": 43,
             *       "has_recording": true,
             *       "waiting_period_days": 0,
             *       "has_fees": true,
             *       "is_first_time": true,
             *       "effective_in_days": 1
             *     }
             */
            sample?: components["schemas"]["SamplePolicy"];
        };
        /**
         * DrainRequest
         * @description `is_on`: take no new rooms; false takes it back.
         */
        DrainRequest: {
            /** Is On */
            is_on: boolean;
        };
        /**
         * EndpointBody
         * @description An address that gets results. `events`: names, or `["*"]` for all.
         */
        EndpointBody: {
            /**
             * Events
             * @default [
             *       "*"
             *     ]
             */
            events?: (("callback.succeeded" | "callback.problem_found" | "callback.problem_classified" | "callback.phone_gave_up" | "callback.closed" | "callback.expired" | "service_call.finished" | "service_call.number_failed" | "phone_warning.found" | "phone_warning.resolved" | "webhook.test") | "*")[];
            /**
             * Is Active
             * @default true
             */
            is_active?: boolean;
            /** Name */
            name: string;
            /** Url */
            url: string;
        };
        /**
         * EndpointList
         * @description All endpoints and the events they may want.
         */
        EndpointList: {
            /** Events */
            events: string[];
            /** Items */
            items: components["schemas"]["EndpointView"][];
        };
        /**
         * EndpointMade
         * @description A new endpoint, or one with a new secret: the only time the secret is shown.
         */
        EndpointMade: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Dead */
            dead: number;
            /**
             * Events
             * @default [
             *       "*"
             *     ]
             */
            events: (("callback.succeeded" | "callback.problem_found" | "callback.problem_classified" | "callback.phone_gave_up" | "callback.closed" | "callback.expired" | "service_call.finished" | "service_call.number_failed" | "phone_warning.found" | "phone_warning.resolved" | "webhook.test") | "*")[];
            /** Id */
            id: string;
            /**
             * Is Active
             * @default true
             */
            is_active: boolean;
            /** Last Delivered At */
            last_delivered_at: string | null;
            /** Name */
            name: string;
            /** Secret */
            secret: string;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
            /** Url */
            url: string;
            /** Waiting */
            waiting: number;
        };
        /**
         * EndpointView
         * @description An endpoint with its figures. The secret is never shown again after it was made.
         */
        EndpointView: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Dead */
            dead: number;
            /**
             * Events
             * @default [
             *       "*"
             *     ]
             */
            events: (("callback.succeeded" | "callback.problem_found" | "callback.problem_classified" | "callback.phone_gave_up" | "callback.closed" | "callback.expired" | "service_call.finished" | "service_call.number_failed" | "phone_warning.found" | "phone_warning.resolved" | "webhook.test") | "*")[];
            /** Id */
            id: string;
            /**
             * Is Active
             * @default true
             */
            is_active: boolean;
            /** Last Delivered At */
            last_delivered_at: string | null;
            /** Name */
            name: string;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
            /** Url */
            url: string;
            /** Waiting */
            waiting: number;
        };
        /**
         * EngineInView
         * @description Which helpers are up. `speech` down means the agent decides answers and inspection sees not_measured.
         */
        EngineInView: {
            /** Media */
            media: boolean;
            /** Speech */
            speech: boolean;
            /** Vision */
            vision: boolean;
        };
        /**
         * EntryPolicies
         * @description The customer's policies that wait for a callback; policy numbers are masked until identity is proven.
         */
        EntryPolicies: {
            /** Desk Phone */
            desk_phone: string;
            /** Insurer */
            insurer: string;
            /** Items */
            items: components["schemas"]["WaitingPolicy"][];
            /** Name Masked */
            name_masked: string;
        };
        /**
         * EntrySignIn
         * @description The password; the certificate number only where the browser is not known.
         */
        EntrySignIn: {
            /**
             * Cert No
             * @default null
             */
            cert_no?: string | null;
            /** Password */
            password: string;
        };
        /**
         * EntryState
         * @description What the entry page opens on. `is_known`: this browser is bound, the password alone is asked.
         */
        EntryState: {
            /** Desk Hours */
            desk_hours: string;
            /** Desk Phone */
            desk_phone: string;
            /** Insurer */
            insurer: string;
            /** Is Known */
            is_known: boolean;
            /** Is Offered */
            is_offered: boolean;
            /** Name Masked */
            name_masked: string;
            /** Password Min Length */
            password_min_length: number;
        };
        /**
         * EntryTicket
         * @description Opens the list of policies. The identity check follows for each visit.
         */
        EntryTicket: {
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Ticket */
            ticket: string;
        };
        /**
         * EventInUpdate
         * @description What happened, for toasts and sounds; the view already contains its effect. Data is personalised (names masked).
         */
        EventInUpdate: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Data */
            data: {
                [key: string]: unknown;
            };
            /** Seq */
            seq: number;
            /**
             * T Ms
             * @default null
             */
            t_ms: number | null;
            /** Type */
            type: string;
        };
        /**
         * EventView
         * @description One session event, as sealed.
         */
        EventView: {
            /** Actor */
            actor: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Payload */
            payload: {
                [key: string]: unknown;
            };
            /** Seq */
            seq: number;
            /** T Ms */
            t_ms: number | null;
            /** Type */
            type: string;
        };
        /**
         * Explained
         * @description The explanation by phone is done.
         */
        Explained: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            command: "explained";
            /** Needs Visit */
            needs_visit: boolean;
            /**
             * Note
             * @default
             */
            note?: string;
        };
        /**
         * FilePlay
         * @description A link to a call recording, for the person who asked.
         */
        FilePlay: {
            /** Content Type */
            content_type: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Url */
            url: string;
        };
        /**
         * Finding
         * @description One finding of `verify`, worst first.
         */
        Finding: {
            /** Code */
            code: string;
            /** Detail */
            detail: {
                [key: string]: unknown;
            };
            /** Offset */
            offset: number | null;
            /** Path */
            path: string | null;
            /**
             * Severity
             * @enum {string}
             */
            severity: "error" | "warning";
        };
        /**
         * FormRequest
         * @description Which form to make.
         */
        FormRequest: {
            /**
             * Purpose
             * @enum {string}
             */
            purpose: "visit" | "letter" | "explanation" | "re_signature";
        };
        /**
         * FormReturned
         * @description A signed form came back: of a visit, or of the re-signature. `visitor_id`: the member of staff who brought it.
         */
        FormReturned: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            command: "re_signed" | "visit_form_returned";
            /**
             * Note
             * @default
             */
            note?: string;
            /**
             * Scan Id
             * @default
             */
            scan_id?: string;
            /** Signed By Policyholder */
            signed_by_policyholder: boolean;
            /** Visitor Id */
            visitor_id: string;
        };
        /**
         * GapSpan
         * @description Missing media, recorded as such.
         */
        GapSpan: {
            /** Kind */
            kind: string;
            /** Seat Id */
            seat_id: string;
            /** T0 Ms */
            t0_ms: number;
            /** T1 Ms */
            t1_ms: number;
            /** Track */
            track: string;
        };
        /**
         * Goodbye
         * @description Last before the server closes: TAKEN_OVER, TICKET_INVALID, SESSION_OVER, TOO_SLOW, MESSAGE_INVALID, SERVER_STOPS.
         */
        Goodbye: {
            /** Code */
            code: string;
            /** Retryable */
            retryable: boolean;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "goodbye";
        };
        /**
         * Grace
         * @description A premium was not paid on its day: the grace period runs.
         */
        Grace: {
            /** Event No */
            event_no: string;
            /**
             * Grace Ends On
             * Format: date
             */
            grace_ends_on: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "grace";
            /** @default null */
            policy?: components["schemas"]["PolicyBrief"] | null;
            /**
             * Premium Due On
             * Format: date
             */
            premium_due_on: string;
            /** Premium Fen */
            premium_fen: number;
        };
        /**
         * Health
         * @description The state of the installation.
         */
        Health: {
            /**
             * Checked At
             * Format: date-time
             */
            checked_at: string;
            /** Items */
            items: components["schemas"]["HealthItem"][];
            /**
             * Mode
             * @enum {string}
             */
            mode: "development" | "production";
            /** Version */
            version: string;
        };
        /**
         * HealthItem
         * @description One engine, model, store or worker. `not_measured` means that nothing could be asked.
         */
        HealthItem: {
            /** Data */
            data: {
                [key: string]: unknown;
            };
            /** Detail */
            detail: string;
            /**
             * Group
             * @enum {string}
             */
            group: "process" | "engine" | "model" | "store" | "worker" | "notice";
            /** Name */
            name: string;
            /**
             * Status
             * @enum {string}
             */
            status: "up" | "degraded" | "down" | "off" | "not_measured";
        };
        /**
         * Hello
         * @description First message. Staff send `ticket: null` (their cookie counts), customers the seat ticket.
         */
        Hello: {
            /**
             * Last Seq
             * @default 0
             */
            last_seq: number;
            /**
             * Ticket
             * @default null
             */
            ticket: string | null;
            /**
             * Type
             * @constant
             */
            type: "hello";
        };
        /**
         * HistoryView
         * @description One line of an inspection's history.
         */
        HistoryView: {
            /** Actor Name */
            actor_name: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Data */
            data: {
                [key: string]: unknown;
            };
            /** Type */
            type: string;
        };
        /**
         * IceServer
         * @description As RTCPeerConnection takes it.
         */
        IceServer: {
            /**
             * Credential
             * @default null
             */
            credential: string | null;
            /** Urls */
            urls: string[];
            /**
             * Username
             * @default null
             */
            username: string | null;
        };
        /**
         * IdCheck
         * @description One certificate to be shown at this node.
         */
        IdCheck: {
            /**
             * Confirmed By
             * @enum {string}
             */
            confirmed_by: "agent" | "policyholder";
            /** Is Confirmed */
            is_confirmed: boolean;
            /**
             * Method
             * @default null
             */
            method: ("camera" | "share" | "on_site") | null;
            /** Name */
            name: string;
            /** Person Id */
            person_id: string;
            /** Roles */
            roles: ("agent" | "policyholder" | "insured" | "guardian")[];
        };
        /**
         * IdentityImageView
         * @description A captured image. `image_url` streams it to staff who may see the case; each look is logged.
         */
        IdentityImageView: {
            /**
             * Captured At
             * Format: date-time
             */
            captured_at: string;
            /**
             * Captured By
             * @enum {string}
             */
            captured_by: "agent" | "customer";
            /** Checks */
            checks: components["schemas"]["ImageCheck"][];
            /** Height */
            height: number;
            /** Id */
            id: string;
            /** Image Url */
            image_url: string;
            kind: components["schemas"]["ImageKind"];
            /** Sha256 */
            sha256: string;
            /** Width */
            width: number;
        };
        /**
         * IdentityLink
         * @description A link was sent by SMS; `url` is shown in development only.
         */
        IdentityLink: {
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Url */
            url: string | null;
        };
        /**
         * IdentityResult
         * @description What the identity check brought.
         *
         *     `passed` carries the ticket of the following pages. `failed` says why (FACE_DIFFERS, CHALLENGE_NOT_MET, DIGITS_DIFFER,
         *     VIDEO_REPLAYED, VIDEO_TOO_EARLY; null for a wrong code). `not_measured` is no failure and never a pass: `reason` says what to
         *     do (FACE_NONE, FACE_MANY, FACE_UNCERTAIN, VIDEO_UNREADABLE, VIDEO_TOO_SHORT, CHALLENGE_EXPIRED, TURN_NOT_COMPARED,
         *     DIGITS_UNCLEAR, DIGITS_SILENT: again; VISION_UNAVAILABLE, SPEECH_UNAVAILABLE, MODEL_MISSING: later; FACE_REFERENCE_MISSING:
         *     by phone).
         */
        IdentityResult: {
            /** Callback Id */
            callback_id: string;
            /** Expires At */
            expires_at: string | null;
            /** Reason */
            reason: string | null;
            /**
             * Result
             * @enum {string}
             */
            result: "passed" | "failed" | "locked" | "not_measured";
            /** Ticket */
            ticket: string | null;
            /** Tries Left */
            tries_left: number;
        };
        /**
         * IdentityView
         * @description All participants of a case who must be captured.
         */
        IdentityView: {
            /** Can Capture */
            can_capture: boolean;
            /** Case Id */
            case_id: string;
            /** Is Complete */
            is_complete: boolean;
            /** Participants */
            participants: components["schemas"]["ParticipantIdentity"][];
        };
        /**
         * ImageCheck
         * @description One machine check. `not_measured` says that nobody looked (`reasons` say why), never that it is fine.
         */
        ImageCheck: {
            /**
             * Code
             * @enum {string}
             */
            code: "sharpness" | "brightness" | "face_present" | "card_present" | "face_matches_card";
            /** Reasons */
            reasons: string[];
            /**
             * Result
             * @enum {string}
             */
            result: "ok" | "warning" | "failed" | "not_measured";
            /** Value */
            value: number | null;
        };
        /**
         * ImageKind
         * @description ID card front (the side with the portrait), back, bank card, face photo.
         * @enum {string}
         */
        ImageKind: "id_front" | "id_back" | "bank_card" | "face";
        /**
         * InspectionFigures
         * @description Figures of an agent, an organisation, an inspector or a day. Shares are null where nothing was decided.
         */
        InspectionFigures: {
            /** Decided */
            decided: number;
            /** First Pass Share */
            first_pass_share: number | null;
            /** Hours Median */
            hours_median: number | null;
            /** Key */
            key: string;
            /** Label */
            label: string;
            /** Late */
            late: number;
            /** Passed */
            passed: number;
            /** Reinspected */
            reinspected: number;
            /** Rejected */
            rejected: number;
        };
        /**
         * InspectionPage
         * @description A page of the queue: nearest deadline first. `counts` by state and `urgent` over the whole queue.
         */
        InspectionPage: {
            /** Counts */
            counts: {
                [key: string]: number;
            };
            /** Items */
            items: components["schemas"]["InspectionSummary"][];
            /** Next Cursor */
            next_cursor: string | null;
            /** Urgent */
            urgent: {
                [key: string]: number;
            };
        };
        /**
         * InspectionReasonCount
         * @description How often a reject reason was given.
         */
        InspectionReasonCount: {
            /** Code */
            code: string;
            /** Count */
            count: number;
            /** Label */
            label: string;
        };
        /**
         * InspectionRef
         * @description An inspection of the case, newest recording first.
         */
        InspectionRef: {
            /** Id */
            id: string;
            /** Is Supplementary */
            is_supplementary: boolean;
            /**
             * State
             * @enum {string}
             */
            state: "queued" | "passed" | "rejected" | "appealed" | "cancelled";
        };
        /**
         * InspectionStatistics
         * @description What was decided in a period. `open` and `overdue` are of now.
         */
        InspectionStatistics: {
            all: components["schemas"]["InspectionFigures"];
            /** By Agent */
            by_agent: components["schemas"]["InspectionFigures"][];
            /** By Day */
            by_day: components["schemas"]["InspectionFigures"][];
            /** By Inspector */
            by_inspector: components["schemas"]["InspectionFigures"][];
            /** By Organisation */
            by_organisation: components["schemas"]["InspectionFigures"][];
            /** Open */
            open: number;
            /** Overdue */
            overdue: number;
            /** Reasons */
            reasons: components["schemas"]["InspectionReasonCount"][];
        };
        /**
         * InspectionSummary
         * @description A line of the queue. `sampled_because` are codes: elderly, unit_linked, supplementary, random, all, machine_finding.
         */
        InspectionSummary: {
            /** Agent Name */
            agent_name: string;
            /** Assigned Name */
            assigned_name: string | null;
            /** Case Id */
            case_id: string;
            /** Decided At */
            decided_at: string | null;
            /**
             * Due At
             * Format: date-time
             */
            due_at: string;
            /** Duration Ms */
            duration_ms: number | null;
            /** Failed Checks */
            failed_checks: number;
            /** Id */
            id: string;
            /** Inspector Name */
            inspector_name: string | null;
            /** Is Assigned To Me */
            is_assigned_to_me: boolean;
            /** Is Supplementary */
            is_supplementary: boolean;
            lock: components["schemas"]["LockView"] | null;
            /** Not Measured Checks */
            not_measured_checks: number;
            /** Organisation */
            organisation: string;
            /** Product Name */
            product_name: string;
            /** Product Type */
            product_type: string;
            /** Proposal No */
            proposal_no: string;
            /**
             * Recorded At
             * Format: date-time
             */
            recorded_at: string;
            /** Recording Id */
            recording_id: string;
            /** Round */
            round: number;
            /** Sampled Because */
            sampled_because: string[];
            /**
             * State
             * @enum {string}
             */
            state: "queued" | "passed" | "rejected" | "appealed" | "cancelled";
            /**
             * Urgency
             * @enum {string}
             */
            urgency: "none" | "normal" | "soon" | "overdue";
        };
        /**
         * InspectionView
         * @description One inspection with everything the review page needs besides the recording itself.
         */
        InspectionView: {
            /** Agent Name */
            agent_name: string;
            /** Allowed Actions */
            allowed_actions: ("lock" | "release" | "decide_node" | "pass" | "reject" | "appeal" | "accept_appeal" | "refuse_appeal")[];
            /** Assigned Name */
            assigned_name: string | null;
            /** Case Id */
            case_id: string;
            /** Cooling Off End On */
            cooling_off_end_on: string | null;
            /** Decided At */
            decided_at: string | null;
            /**
             * Due At
             * Format: date-time
             */
            due_at: string;
            /** Duration Ms */
            duration_ms: number | null;
            /** Failed Checks */
            failed_checks: number;
            /** Failing Checks */
            failing_checks: string[];
            /** History */
            history: components["schemas"]["HistoryView"][];
            /** Id */
            id: string;
            /** Inspector Name */
            inspector_name: string | null;
            /** Is Assigned To Me */
            is_assigned_to_me: boolean;
            /** Is Supplementary */
            is_supplementary: boolean;
            lock: components["schemas"]["LockView"] | null;
            /** Nodes */
            nodes: components["schemas"]["NodeDecisionView"][];
            /** Not Measured Checks */
            not_measured_checks: number;
            /** Note */
            note: string;
            /** Organisation */
            organisation: string;
            /** Product Name */
            product_name: string;
            /** Product Type */
            product_type: string;
            /** Proposal No */
            proposal_no: string;
            /** Reason Codes */
            reason_codes: string[];
            /** Reasons */
            reasons: components["schemas"]["ReasonView"][];
            /**
             * Recorded At
             * Format: date-time
             */
            recorded_at: string;
            /** Recording Id */
            recording_id: string;
            /**
             * Refusal
             * @description why nothing is allowed: INSPECTION_SELLER, INSPECTION_LOCKED …
             */
            refusal: string | null;
            /** Round */
            round: number;
            /** Sampled Because */
            sampled_because: string[];
            score: components["schemas"]["ScoreView"];
            /**
             * State
             * @enum {string}
             */
            state: "queued" | "passed" | "rejected" | "appealed" | "cancelled";
            /** Supplementary Due At */
            supplementary_due_at: string | null;
            /**
             * Undecided Nodes
             * @description nodes that need a verdict before the recording may pass
             */
            undecided_nodes: string[];
            /**
             * Urgency
             * @enum {string}
             */
            urgency: "none" | "normal" | "soon" | "overdue";
            watch: components["schemas"]["WatchView"];
        };
        /**
         * InspectorView
         * @description Somebody who can be given inspections, with how many open ones they have.
         */
        InspectorView: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Open */
            open: number;
            /** Team */
            team: string;
        };
        /**
         * IntermediaryRegistration
         * @description 中介公司员工: known by company code and work number.
         */
        IntermediaryRegistration: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            agent_kind: "intermediary";
            /** Agent Name */
            agent_name: string;
            /**
             * Channel Code
             * @default intermediary
             * @constant
             */
            channel_code?: "intermediary";
            /** Company Code */
            company_code: string;
            /** Licence No */
            licence_no: string;
            /** Org Code */
            org_code: string;
            /**
             * Outlet Code
             * @default null
             */
            outlet_code?: string | null;
            /** Password */
            password: string;
            /** Phone */
            phone: string;
            sex: components["schemas"]["Sex"];
            /** Sms Code */
            sms_code: string;
            /** Work No */
            work_no: string;
        };
        /**
         * JobPage
         * @description Jobs, newest first, with counts by state over everything.
         */
        JobPage: {
            /** Counts */
            counts: {
                [key: string]: number;
            };
            /** Items */
            items: components["schemas"]["JobView"][];
            /** Stuck */
            stuck: number;
        };
        /**
         * JobStepView
         * @description One step of a job.
         */
        JobStepView: {
            /** Ended At */
            ended_at: string | null;
            /** Error Code */
            error_code: string | null;
            /** Name */
            name: string;
            /** Progress */
            progress: number | null;
            /** Started At */
            started_at: string | null;
            /**
             * State
             * @enum {string}
             */
            state: "pending" | "running" | "done" | "failed";
            /** Tries */
            tries: number;
            /** Updated At */
            updated_at: string | null;
        };
        /**
         * JobView
         * @description A job. `is_stuck`: it runs or waits, but nothing moved for longer than its kind allows.
         */
        JobView: {
            /** Attempt */
            attempt: number;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Ended At */
            ended_at: string | null;
            /** Error Code */
            error_code: string | null;
            /** Id */
            id: string;
            /** Is Stuck */
            is_stuck: boolean;
            /** Kind */
            kind: string;
            /** Started At */
            started_at: string | null;
            /**
             * State
             * @enum {string}
             */
            state: "waiting" | "running" | "done" | "failed";
            /** Steps */
            steps: components["schemas"]["JobStepView"][];
            /** Subject Id */
            subject_id: string;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
            /** Worker */
            worker: string | null;
        };
        /**
         * JoinCodeInView
         * @description The code, for the agent only. `is_locked`: dead of wrong tries; customers need a new one (`POST …/code`).
         *
         *     `blocked_until`: somebody with this session's code was turned away, because too many wrong tries came from that network
         *     address (which is not told); until then it may not try. Null when nobody is.
         */
        JoinCodeInView: {
            /**
             * Blocked Until
             * @default null
             */
            blocked_until: string | null;
            /** Code */
            code: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Is Active */
            is_active: boolean;
            /**
             * Is Locked
             * @default false
             */
            is_locked: boolean;
        };
        /**
         * JoinCodeView
         * @description The code to read aloud.
         */
        JoinCodeView: {
            /** Code */
            code: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Link */
            link: string;
            /** Resend After S */
            resend_after_s: number;
            /** Sms Sent To */
            sms_sent_to: string[];
        };
        /**
         * JoinInfo
         * @description As much as a stranger with the code may know.
         */
        JoinInfo: {
            /** Agent Name */
            agent_name: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Insurer Name */
            insurer_name: string;
            /**
             * Phase
             * @enum {string}
             */
            phase: "lobby" | "recording" | "ended" | "declined" | "aborted";
            /** Product Name */
            product_name: string;
        };
        /**
         * JoinRequest
         * @description `POST /api/v1/join`: the code from the SMS.
         */
        JoinRequest: {
            /** Code */
            code: string;
        };
        /**
         * JoinSmsRequest
         * @description `POST /api/v1/join/sms`: send a one-time code to the phone that ends with these digits, if it is one of the case's.
         */
        JoinSmsRequest: {
            /** Code */
            code: string;
            /** Phone Last4 */
            phone_last4: string;
        };
        /**
         * JoinSmsSent
         * @description Same answer whether or not the phone is known, so that numbers cannot be guessed.
         */
        JoinSmsSent: {
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Resend After S */
            resend_after_s: number;
        };
        /**
         * JoinVerified
         * @description Short-lived ticket for claiming roles; send it as `Authorization: Bearer`.
         */
        JoinVerified: {
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Roles */
            roles: components["schemas"]["RoleChoice"][];
            /** Session Id */
            session_id: string;
            /** Ticket */
            ticket: string;
        };
        /**
         * JoinVerifyRequest
         * @description `POST /api/v1/join/verify`.
         */
        JoinVerifyRequest: {
            /** Code */
            code: string;
            /** Phone Last4 */
            phone_last4: string;
            /** Sms Code */
            sms_code: string;
        };
        /**
         * KeptPage
         * @description A page the customer was shown, kept as evidence.
         */
        KeptPage: {
            /** Address */
            address: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Device */
            device: string;
            /** Id */
            id: string;
            /** Kind */
            kind: string;
            /** Sha256 */
            sha256: string;
        };
        /**
         * KeptPageContent
         * @description A kept page with its content; `is_intact`: the content still has its hash.
         */
        KeptPageContent: {
            /** Address */
            address: string;
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Content */
            content: {
                [key: string]: unknown;
            };
            /** Device */
            device: string;
            /** Id */
            id: string;
            /** Is Intact */
            is_intact: boolean;
            /** Kind */
            kind: string;
            /** Sha256 */
            sha256: string;
        };
        /**
         * LedgerEntry
         * @description What one person did with one document they had to read or sign; `missing` are codes, empty when complete.
         */
        LedgerEntry: {
            /** Bottom Reached */
            bottom_reached: boolean;
            /** Document Id */
            document_id: string;
            /** Dwell Ms */
            dwell_ms: number;
            /** Is On Site */
            is_on_site: boolean;
            /** Missing */
            missing: string[];
            /**
             * Needs
             * @enum {string}
             */
            needs: "read" | "sign";
            /** Opened At Ms */
            opened_at_ms: number | null;
            /** Pages */
            pages: number;
            /** Pages Seen */
            pages_seen: number;
            /** Person Id */
            person_id: string;
            /** Seat Id */
            seat_id: string;
            /** Signature Sha256 */
            signature_sha256: string | null;
            /** Title */
            title: string;
            /** Zoomed */
            zoomed: boolean;
        };
        /**
         * LedgerLine
         * @description One document of one person. All booleans are derived by the server.
         */
        LedgerLine: {
            /** Document Id */
            document_id: string;
            /** Document Name */
            document_name: string;
            /** Dwell Ms */
            dwell_ms: number;
            /** Is Complete */
            is_complete: boolean;
            /** Is Number Enlarged */
            is_number_enlarged: boolean | null;
            /**
             * Is On Site Confirmed
             * @default false
             */
            is_on_site_confirmed: boolean;
            /** Is Opened */
            is_opened: boolean;
            /** Is Read */
            is_read: boolean;
            /** Is Signed */
            is_signed: boolean;
            /** Is Title Enlarged */
            is_title_enlarged: boolean;
            /** Min Dwell Ms */
            min_dwell_ms: number;
            /** Missing */
            missing: string[];
            /** Name */
            name: string;
            /**
             * Needs
             * @enum {string}
             */
            needs: "read" | "sign";
            /** Page Count */
            page_count: number;
            /** Pages At Bottom */
            pages_at_bottom: number[];
            /** Pages Seen */
            pages_seen: number[];
            /** Person Id */
            person_id: string;
            /**
             * Signature Sha256
             * @default null
             */
            signature_sha256: string | null;
        };
        /**
         * LegPoint
         * @description One look at a leg, ten seconds after the one before. `gap_ms`: how long its link was away since then.
         */
        LegPoint: {
            /** At S */
            at_s: number;
            /** Gap Ms */
            gap_ms: number | null;
            /** Jitter Ms */
            jitter_ms: number | null;
            /** Kbit S */
            kbit_s: number | null;
            /** Loss */
            loss: number | null;
            /** Rtt Ms */
            rtt_ms: number | null;
            /** Score */
            score: number | null;
        };
        /**
         * LegQuality
         * @description How well one connection of one person did.
         */
        LegQuality: {
            /**
             * First At
             * Format: date-time
             */
            first_at: string;
            /** Gap Ms Sum */
            gap_ms_sum: number | null;
            /** Jitter Ms Max */
            jitter_ms_max: number | null;
            /** Kbit S Mean */
            kbit_s_mean: number | null;
            /**
             * Last At
             * Format: date-time
             */
            last_at: string;
            /** Leg Id */
            leg_id: string;
            /** Loss Max */
            loss_max: number | null;
            /** Loss Mean */
            loss_mean: number | null;
            /** Lost */
            lost: number;
            /** Nack */
            nack: number;
            /** Packets */
            packets: number;
            /** Pli */
            pli: number;
            /** Points */
            points: components["schemas"]["LegPoint"][];
            /** Poor Share */
            poor_share: number | null;
            /** Rtt Ms Max */
            rtt_ms_max: number | null;
            /** Rtx */
            rtx: number;
            /** Score Mean */
            score_mean: number | null;
            /** Score Min */
            score_min: number | null;
            /** Seat Id */
            seat_id: string;
        };
        /**
         * LinkKey
         * @description The key of a link that came by SMS (`…/m/<page>#k=<key>`).
         */
        LinkKey: {
            /** Key */
            key: string;
        };
        /**
         * LinkRenewal
         * @description A fresh link is on its way to the policy's phone; the old one opens nothing.
         */
        LinkRenewal: {
            /** Phone Masked */
            phone_masked: string;
        };
        /**
         * LocationParams
         * @description set_location: whether a customer sits with the agent.
         */
        LocationParams: {
            /**
             * Location
             * @enum {string}
             */
            location: "remote" | "with_agent";
            /** Seat Id */
            seat_id: string;
        };
        /**
         * LocationPatch
         * @description Where a participant is.
         */
        LocationPatch: {
            /**
             * Location
             * @enum {string}
             */
            location: "same_place" | "remote";
        };
        /**
         * LockView
         * @description Who reviews it now.
         */
        LockView: {
            /** By Id */
            by_id: string;
            /** By Name */
            by_name: string;
            /** Is Mine */
            is_mine: boolean;
            /**
             * Until
             * Format: date-time
             */
            until: string;
        };
        /**
         * Me
         * @description Who is signed in.
         */
        Me: {
            agent_kind: components["schemas"]["AgentKind"] | null;
            /** Channel Code */
            channel_code: string;
            /** Display Name */
            display_name: string;
            /** Has Totp */
            has_totp: boolean;
            /** Id */
            id: string;
            /** Licence No */
            licence_no: string;
            /** Login */
            login: string;
            /** Must Change Password */
            must_change_password: boolean;
            /** Org Code */
            org_code: string;
            /** Roles */
            roles: components["schemas"]["Role"][];
            /**
             * Session Expires At
             * Format: date-time
             */
            session_expires_at: string;
            /** Team */
            team: string;
        };
        /**
         * MediaAlarm
         * @description Something an administrator should look at. `cleared_at` is null while it stands.
         */
        MediaAlarm: {
            /** Cleared At */
            cleared_at: string | null;
            /** Detail */
            detail: {
                [key: string]: unknown;
            };
            /** Id */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "disk_low" | "busy" | "lagging" | "lost" | "uploads_late";
            /**
             * Raised At
             * Format: date-time
             */
            raised_at: string;
            /** Worker Id */
            worker_id: string;
        };
        /**
         * MediaAnswerParams
         * @description media.answer.
         */
        MediaAnswerParams: {
            /** Leg Id */
            leg_id: string;
            /** Sdp */
            sdp: string;
        };
        /**
         * MediaInView
         * @description What arrives at the server from this seat.
         */
        MediaInView: {
            /** Is Connected */
            is_connected: boolean;
            /** Lapses */
            lapses: ("hidden" | "mic_muted" | "camera_muted")[];
            /**
             * Quality
             * @default null
             */
            quality: number | null;
            /** Tracks */
            tracks: ("mic" | "camera" | "screen")[];
        };
        /**
         * MediaJoined
         * @description Result of `media.join`: the server's offer; answer with `media.answer`.
         */
        MediaJoined: {
            /** Ice Servers */
            ice_servers: components["schemas"]["IceServer"][];
            /** Leg Id */
            leg_id: string;
            /** Sdp */
            sdp: string;
            /** Slots */
            slots: components["schemas"]["Slot"][];
        };
        /**
         * MediaOverview
         * @description Everything of the media page.
         */
        MediaOverview: {
            /** Alarms */
            alarms: components["schemas"]["MediaAlarm"][];
            /**
             * Checked At
             * Format: date-time
             */
            checked_at: string;
            /** Rooms */
            rooms: components["schemas"]["MediaRoom"][];
            /** Workers */
            workers: components["schemas"]["MediaWorker"][];
        };
        /**
         * MediaRestartParams
         * @description media.restart → `{sdp, ice_servers}`.
         */
        MediaRestartParams: {
            /** Leg Id */
            leg_id: string;
        };
        /**
         * MediaRoom
         * @description A room and where it is.
         */
        MediaRoom: {
            /** Case Id */
            case_id: string;
            /** Is Recording */
            is_recording: boolean;
            /** Phase */
            phase: string;
            /**
             * Placed At
             * Format: date-time
             */
            placed_at: string;
            /** Room Id */
            room_id: string;
            /** Worker Id */
            worker_id: string;
        };
        /**
         * MediaSource
         * @description Something the player can play, under a link of this person that dies soon.
         *
         *     `frame_ms`: how long one picture of it stands; null where that was not measured, or there are no pictures.
         */
        MediaSource: {
            /** Bytes */
            bytes: number;
            /** Content Type */
            content_type: string;
            /** Duration Ms */
            duration_ms: number | null;
            /** Frame Ms */
            frame_ms: number | null;
            /** Id */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "composite" | "main" | "screen" | "prompt" | "markers" | "thumbnails";
            /** Label */
            label: string;
            /** Seat Id */
            seat_id: string | null;
            /** T0 Ms */
            t0_ms: number;
            /** Url */
            url: string;
        };
        /**
         * MediaWorker
         * @description A media worker and its load. `cpu` is a share of one core.
         *
         *     `unwatched`: it answers, but its machine's agent does not: its rooms go on, no new ones come, the figures are the last known.
         */
        MediaWorker: {
            /** Cpu */
            cpu: number;
            /** Cpu Limit */
            cpu_limit: number;
            /** Disk Bytes Per S */
            disk_bytes_per_s: number;
            /** Disk Free Bytes */
            disk_free_bytes: number;
            /** Disk Hours */
            disk_hours: number;
            /** Disk Hours Limit */
            disk_hours_limit: number;
            /** Id */
            id: string;
            /** Is Drain Wanted */
            is_drain_wanted: boolean;
            /** Is Store Up */
            is_store_up: boolean | null;
            /** Legs */
            legs: number;
            /** Loop Lag P99 Ms */
            loop_lag_p99_ms: number | null;
            /** Node */
            node: string;
            /** Public Ip */
            public_ip: string;
            queues: components["schemas"]["WorkerQueues"] | null;
            /** Rooms */
            rooms: number;
            /** Rss Bytes */
            rss_bytes: number;
            /**
             * Seen At
             * Format: date-time
             */
            seen_at: string;
            /**
             * Started At
             * Format: date-time
             */
            started_at: string;
            /**
             * State
             * @enum {string}
             */
            state: "up" | "draining" | "full" | "disk_low" | "unwatched" | "away" | "lost";
            /** Udp Port */
            udp_port: number;
            /** Uploads Oldest At */
            uploads_oldest_at: string | null;
            /** Uploads Waiting */
            uploads_waiting: number | null;
            /** Uploads Waiting Bytes */
            uploads_waiting_bytes: number | null;
        };
        /**
         * MeInView
         * @description Who I am here.
         */
        MeInView: {
            /** Care Mode */
            care_mode: boolean;
            instruction: components["schemas"]["Reason"];
            /** Is Media Allowed */
            is_media_allowed: boolean;
            /**
             * Kind
             * @enum {string}
             */
            kind: "agent" | "customer";
            /** Missing Consents */
            missing_consents: ("recording" | "face_and_identity" | "ai_voice")[];
            /** Name */
            name: string;
            /** Person Ids */
            person_ids: string[];
            /** Roles */
            roles: ("agent" | "policyholder" | "insured" | "guardian")[];
            /** Seat Id */
            seat_id: string;
        };
        /**
         * NewCase
         * @description A case is made from a proposal; one open case a proposal (409 `CASE_EXISTS` names it).
         */
        NewCase: {
            /** Proposal No */
            proposal_no: string;
        };
        /**
         * NewChallenge
         * @description Which challenge; null: the usual one.
         */
        NewChallenge: {
            /**
             * Kind
             * @default null
             */
            kind?: ("turns" | "digits") | null;
        };
        /**
         * NewDisposal
         * @description A list to be approved: recordings that are due, and why they go.
         */
        NewDisposal: {
            /** Reason */
            reason: string;
            /** Recording Ids */
            recording_ids: string[];
        };
        /**
         * NewEntryPassword
         * @description The password for later.
         */
        NewEntryPassword: {
            /** Password */
            password: string;
        };
        /**
         * NewNumber
         * @description The number that the responsible unit found.
         */
        NewNumber: {
            /**
             * Note
             * @default
             */
            note?: string;
            /** Phone */
            phone: string;
        };
        /**
         * NewPerson
         * @description A person of the proposal. Attending persons (policyholder, adult insured, guardian) need a phone.
         */
        NewPerson: {
            /**
             * Birth On
             * Format: date
             */
            birth_on: string;
            /** Cert No */
            cert_no: string;
            /** @default id_card */
            cert_type?: components["schemas"]["CertType"];
            /**
             * Location
             * @default remote
             * @enum {string}
             */
            location?: "same_place" | "remote";
            /** Name */
            name: string;
            /**
             * Phone
             * @default null
             */
            phone?: string | null;
            /**
             * Relation To Policyholder
             * @default
             */
            relation_to_policyholder?: string;
            /** Roles */
            roles: components["schemas"]["PersonRole"][];
            /**
             * Sex
             * @enum {string}
             */
            sex: "male" | "female";
        };
        /**
         * NewPolicy
         * @description An issued policy. The same number with the same content is accepted again without effect.
         *
         *     With `proposal_no` everything else follows from the proposal; a field given here (a new phone, say) takes its place. Without
         *     one, product, premium, coverage, channel, org_code, policyholder and insured are needed.
         */
        NewPolicy: {
            /** @default null */
            channel?: components["schemas"]["Channel"] | null;
            /**
             * Coverage
             * @default null
             */
            coverage?: string | null;
            /**
             * Effective On
             * @default null
             */
            effective_on?: string | null;
            /**
             * Fees Text
             * @default
             */
            fees_text?: string;
            /**
             * Has Electronic Contract
             * @default true
             */
            has_electronic_contract?: boolean;
            /** @default null */
            insured?: components["schemas"]["PolicyPerson"] | null;
            /**
             * Issued At
             * Format: date-time
             */
            issued_at: string;
            /**
             * Net Amount Fen
             * @default null
             */
            net_amount_fen?: number | null;
            /**
             * Next Due On
             * @default null
             */
            next_due_on?: string | null;
            /**
             * Org Code
             * @default null
             */
            org_code?: string | null;
            /**
             * Phone
             * @default null
             */
            phone?: string | null;
            /** Policy No */
            policy_no: string;
            /** @default null */
            policyholder?: components["schemas"]["PolicyPerson"] | null;
            /** @default null */
            premium?: components["schemas"]["NewPremium"] | null;
            /** @default null */
            product?: components["schemas"]["PolicyProduct"] | null;
            /**
             * Proposal No
             * @default null
             */
            proposal_no?: string | null;
        };
        /**
         * NewPremium
         * @description Amounts in fen. Regular pay needs `frequency` other than once and `years` ≥ 1.
         */
        NewPremium: {
            /** Amount Fen */
            amount_fen: number;
            /**
             * Frequency
             * @enum {string}
             */
            frequency: "once" | "annual" | "semiannual" | "quarterly" | "monthly";
            /**
             * Mode
             * @enum {string}
             */
            mode: "single_pay" | "regular_pay";
            /**
             * Years
             * @default 1
             */
            years?: number;
        };
        /**
         * NewProposal
         * @description What the core system sends; the same `proposal_no` with the same content is accepted again without effect.
         *
         *     The agent is named by `agent_code`, or by `company_code` and `work_no` (intermediary staff).
         */
        NewProposal: {
            /**
             * Agent Code
             * @default null
             */
            agent_code?: string | null;
            channel: components["schemas"]["Channel"];
            /**
             * Company Code
             * @default null
             */
            company_code?: string | null;
            /** Coverage */
            coverage: string;
            /**
             * Coverage Is Over One Year
             * @default true
             */
            coverage_is_over_one_year?: boolean;
            /** Org Code */
            org_code: string;
            /** Persons */
            persons: components["schemas"]["NewPerson"][];
            premium: components["schemas"]["NewPremium"];
            /** Product Code */
            product_code: string;
            /** Proposal No */
            proposal_no: string;
            /**
             * Region Code
             * @default 110000
             */
            region_code?: string;
            /** Sum Insured Fen */
            sum_insured_fen: number;
            /**
             * Work No
             * @default null
             */
            work_no?: string | null;
        };
        /**
         * NewTalkScriptVersion
         * @description A new draft. The content is checked against the format; 422 `TALK_SCRIPT_INVALID` lists the faults.
         */
        NewTalkScriptVersion: {
            /** Content */
            content: {
                [key: string]: unknown;
            };
            /**
             * Note
             * @default
             */
            note?: string;
        };
        /**
         * NewUser
         * @description An account made by an administrator; the password must be changed at the first sign-in.
         */
        NewUser: {
            /**
             * Agent Code
             * @default null
             */
            agent_code?: string | null;
            /** @default null */
            agent_kind?: components["schemas"]["AgentKind"] | null;
            /**
             * Channel Code
             * @default null
             */
            channel_code?: string | null;
            /**
             * Company Code
             * @default null
             */
            company_code?: string | null;
            /** Display Name */
            display_name: string;
            /**
             * Licence No
             * @default null
             */
            licence_no?: string | null;
            /** Login */
            login: string;
            /**
             * Org Code
             * @default HQ
             */
            org_code?: string;
            /**
             * Outlet Code
             * @default null
             */
            outlet_code?: string | null;
            /** Password */
            password: string;
            /**
             * Phone
             * @default null
             */
            phone?: string | null;
            /** Roles */
            roles: components["schemas"]["Role"][];
            /** @default null */
            sex?: components["schemas"]["Sex"] | null;
            /**
             * Team
             * @default default
             */
            team?: string;
            /**
             * Work No
             * @default null
             */
            work_no?: string | null;
        };
        /**
         * NewVersion
         * @description Data to publish; the version number follows the newest one. Rulebooks need the day from which they are in force.
         */
        NewVersion: {
            /** Data */
            data: {
                [key: string]: unknown;
            };
            /**
             * Effective From
             * @default null
             */
            effective_from?: string | null;
            /** Note */
            note: string;
        };
        /**
         * NodeDecision
         * @description A verdict on one node. `text` needs 10 characters when the node fails.
         */
        NodeDecision: {
            /**
             * At Ms
             * @description where in the recording, for the agent to see
             * @default null
             */
            at_ms?: number | null;
            /** Node Id */
            node_id: string;
            /** Reason Codes */
            reason_codes?: string[];
            /**
             * Text
             * @default
             */
            text?: string;
            /**
             * Verdict
             * @enum {string}
             */
            verdict: "pass" | "fail" | "not_applicable";
        };
        /**
         * NodeDecisionView
         * @description A stored verdict. `title`: the node's, as it was in the recording's own talk script.
         */
        NodeDecisionView: {
            /**
             * At Ms
             * @description where in the recording, for the agent to see
             * @default null
             */
            at_ms: number | null;
            /** By Name */
            by_name: string;
            /**
             * Decided At
             * Format: date-time
             */
            decided_at: string;
            /** Node Id */
            node_id: string;
            /** Reason Codes */
            reason_codes: string[];
            /**
             * Text
             * @default
             */
            text: string;
            /** Title */
            title: string;
            /**
             * Verdict
             * @enum {string}
             */
            verdict: "pass" | "fail" | "not_applicable";
        };
        /**
         * NodeInList
         * @description A line of the node list.
         */
        NodeInList: {
            /**
             * Has Override
             * @default false
             */
            has_override: boolean;
            /**
             * Is Locked
             * @default false
             */
            is_locked: boolean;
            /**
             * Is Not Measured
             * @default false
             */
            is_not_measured: boolean;
            /**
             * Kind
             * @enum {string}
             */
            kind: "notice" | "agent_statement" | "show_id" | "question" | "reading" | "signing" | "closing";
            /** Node Id */
            node_id: string;
            /** Number */
            number: number;
            /**
             * Status
             * @enum {string}
             */
            status: "pending" | "current" | "done";
            /** Title */
            title: string;
        };
        /**
         * NodeParams
         * @description advance, replay_prompt: the node the page shows, so that a double click cannot skip one.
         */
        NodeParams: {
            /** Node Id */
            node_id: string;
        };
        /**
         * NodeSpan
         * @description A node's stay on the timeline.
         */
        NodeSpan: {
            /** Is Critical */
            is_critical: boolean;
            /** Kind */
            kind: string;
            /** Node Id */
            node_id: string;
            /** T0 Ms */
            t0_ms: number;
            /** T1 Ms */
            t1_ms: number;
            /** Title */
            title: string;
        };
        /**
         * NoteInView
         * @description A question-and-answer note the agent took (T4). Agent only.
         */
        NoteInView: {
            /** At Ms */
            at_ms: number;
            /** Text */
            text: string;
        };
        /**
         * NoteParams
         * @description add_note (T4).
         */
        NoteParams: {
            /** Text */
            text: string;
        };
        /**
         * NoticeTick
         * @description 我已确认回访须知事项.
         */
        NoticeTick: {
            /**
             * Is Confirmed
             * @constant
             */
            is_confirmed: true;
        };
        /**
         * NoticeView
         * @description The notice to read and tick.
         */
        NoticeView: {
            /** Callback Id */
            callback_id: string;
            /** Desk Phone */
            desk_phone: string;
            header: components["schemas"]["PolicyHeader"];
            /** Min Answer Seconds */
            min_answer_seconds: number;
            /** Notice */
            notice: string;
            /** Requires Tick */
            requires_tick: boolean;
            /** Steps */
            steps: ("identity" | "policy" | "notice" | "questions" | "confirm" | "signature")[];
            /** Tick */
            tick: string;
        };
        /**
         * NumberConfirmed
         * @description The responsible unit confirmed the number, or found another one.
         */
        NumberConfirmed: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            command: "number_confirmed";
            /**
             * Note
             * @default
             */
            note?: string;
            /**
             * Phone
             * @default null
             */
            phone?: string | null;
        };
        /**
         * NumberList
         * @description Numbers to find, per responsible organisation.
         */
        NumberList: {
            /** By Org */
            by_org: {
                [key: string]: number;
            };
            /** Items */
            items: components["schemas"]["NumberRow"][];
        };
        /**
         * NumberRow
         * @description Somebody whose number failed. `source`: callback or service_call. `phone`: the whole number, in the spreadsheet only.
         */
        NumberRow: {
            /** Attempts */
            attempts: number;
            /** Due At */
            due_at: string | null;
            /**
             * Failed At
             * Format: date-time
             */
            failed_at: string;
            /** Id */
            id: string;
            /** Org Code */
            org_code: string;
            /**
             * Phone
             * @default
             */
            phone: string;
            /** Phone Masked */
            phone_masked: string;
            /** Policy No */
            policy_no: string;
            /** Policyholder Name */
            policyholder_name: string;
            /** Product Name */
            product_name: string;
            /** Reason */
            reason: string;
            /**
             * Source
             * @enum {string}
             */
            source: "callback" | "service_call";
        };
        /**
         * Organisation
         * @description An organisation (机构) that accounts belong to.
         */
        Organisation: {
            /** Code */
            code: string;
            /** Name */
            name: string;
        };
        /**
         * OutboxMessage
         * @description A message. Codes and links in `text` are replaced by `••••••` outside development; `is_text_masked` says so.
         */
        OutboxMessage: {
            /** Attempts */
            attempts: number;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Due At */
            due_at: string | null;
            /** Error */
            error: string;
            /** Id */
            id: string;
            /** Is Kept Here */
            is_kept_here: boolean;
            /** Is Late */
            is_late: boolean;
            /** Is Text Masked */
            is_text_masked: boolean;
            /** Next Attempt At */
            next_attempt_at: string | null;
            /** Provider */
            provider: string;
            /** Sent At */
            sent_at: string | null;
            /**
             * Status
             * @enum {string}
             */
            status: "queued" | "sending" | "sent" | "failed" | "expired";
            /** Template */
            template: string;
            /** Text */
            text: string;
            /** To Masked */
            to_masked: string;
        };
        /**
         * OutboxPage
         * @description One page of messages, newest first.
         */
        OutboxPage: {
            /** Counts */
            counts: {
                [key: string]: number;
            };
            /** Items */
            items: components["schemas"]["OutboxMessage"][];
            /** Page */
            page: number;
            /** Page Size */
            page_size: number;
            /** Sends Out */
            sends_out: boolean;
            /** Total */
            total: number;
        };
        /**
         * OverrideParams
         * @description override_answer: the agent decides, with a reason inspection will read (≥ the rulebook's length).
         */
        OverrideParams: {
            /** Node Id */
            node_id: string;
            /** Person Id */
            person_id: string;
            /** Reason */
            reason: string;
            /**
             * Verdict
             * @default affirmative
             * @enum {string}
             */
            verdict: "affirmative" | "negative";
        };
        /**
         * PaperResult
         * @description What a visit or a letter brought. A visit that reached the customer names its visitor, every signed paper its scan.
         */
        PaperResult: {
            /** Answers */
            answers?: {
                [key: string]: "yes" | "no";
            };
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            command: "letter_result" | "visit_result";
            /**
             * Note
             * @default
             */
            note?: string;
            /** Reached */
            reached: boolean;
            /**
             * Scan Id
             * @default
             */
            scan_id?: string;
            /**
             * Signed By Policyholder
             * @default false
             */
            signed_by_policyholder?: boolean;
            /**
             * Visitor Id
             * @default
             */
            visitor_id?: string;
        };
        /**
         * ParticipantIdentity
         * @description One participant's images.
         */
        ParticipantIdentity: {
            /** Images */
            images: components["schemas"]["IdentityImageView"][];
            /** Is Complete */
            is_complete: boolean;
            /** Missing */
            missing: components["schemas"]["ImageKind"][];
            /** Name */
            name: string;
            /** Participant Id */
            participant_id: string;
            /** Required */
            required: components["schemas"]["ImageKind"][];
        };
        /**
         * ParticipantView
         * @description Who attends the recording. A minor insured does not attend: `represented_by` names the guardian's participant.
         */
        ParticipantView: {
            /** Age */
            age: number;
            /** Attends */
            attends: boolean;
            /** Cert No Masked */
            cert_no_masked: string;
            cert_type: components["schemas"]["CertType"];
            /** Id */
            id: string;
            /** Is Elderly */
            is_elderly: boolean;
            /** Is Identity Complete */
            is_identity_complete: boolean;
            /** Is Minor */
            is_minor: boolean;
            /**
             * Location
             * @enum {string}
             */
            location: "same_place" | "remote";
            /** Missing Images */
            missing_images: string[];
            /** Name */
            name: string;
            /** Phone Masked */
            phone_masked: string;
            /** Represented By */
            represented_by: string | null;
            /** Roles */
            roles: components["schemas"]["PersonRole"][];
            /**
             * Sex
             * @enum {string}
             */
            sex: "male" | "female";
        };
        /**
         * PartyInView
         * @description A person of the application; one seat can stand for several who sit together before one phone.
         */
        PartyInView: {
            /** Is Required */
            is_required: boolean;
            /** Name */
            name: string;
            /** Person Id */
            person_id: string;
            /** Roles */
            roles: ("agent" | "policyholder" | "insured" | "guardian")[];
        };
        /**
         * PassBody
         * @description Pass. `check_notes` answers each failed machine check by its code, in words; what was not measured is acknowledged.
         */
        PassBody: {
            /**
             * Acknowledges Not Measured
             * @default false
             */
            acknowledges_not_measured?: boolean;
            /** Check Notes */
            check_notes?: {
                [key: string]: string;
            };
            /**
             * Note
             * @default
             */
            note?: string;
        };
        /**
         * PasswordReset
         * @description The new one-time password, shown once; it must be changed at the next sign-in. All sessions of the account end.
         */
        PasswordReset: {
            /** Password */
            password: string;
        };
        /**
         * Payout
         * @description A surrender or a claim was paid. `collector`: who collected it for the customer, if anybody.
         */
        Payout: {
            /** Amount Fen */
            amount_fen: number;
            /**
             * Collector
             * @default null
             */
            collector?: string | null;
            /** Event No */
            event_no: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "claim" | "surrender";
            /**
             * Paid At
             * Format: date-time
             */
            paid_at: string;
            /** @default null */
            policy?: components["schemas"]["PolicyBrief"] | null;
        };
        /**
         * PersonInView
         * @description One chair. Customers see the others' names masked.
         */
        PersonInView: {
            /** Alerts */
            alerts: components["schemas"]["Alert"][];
            /** Care Mode */
            care_mode: boolean;
            /** Has Consented */
            has_consented: boolean;
            /** Is Me */
            is_me: boolean;
            /** Is Sharing */
            is_sharing: boolean;
            /**
             * Kind
             * @enum {string}
             */
            kind: "agent" | "customer";
            /**
             * Location
             * @enum {string}
             */
            location: "remote" | "with_agent";
            media: components["schemas"]["MediaInView"];
            /** Name */
            name: string;
            /** Parties */
            parties: components["schemas"]["PartyInView"][];
            /**
             * Presence
             * @enum {string}
             */
            presence: "expected" | "waiting" | "present" | "interrupted" | "left";
            /** Roles */
            roles: ("agent" | "policyholder" | "insured" | "guardian")[];
            /** Seat Id */
            seat_id: string;
            /**
             * Since
             * @default null
             */
            since: string | null;
        };
        /**
         * PersonRole
         * @description 投保人, 被保险人, 监护人, 受益人. One person may hold several.
         * @enum {string}
         */
        PersonRole: "policyholder" | "insured" | "guardian" | "beneficiary";
        /**
         * PersonView
         * @description A person of the proposal, masked.
         */
        PersonView: {
            /** Age */
            age: number;
            /**
             * Birth On
             * Format: date
             */
            birth_on: string;
            /** Cert No Masked */
            cert_no_masked: string;
            cert_type: components["schemas"]["CertType"];
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Phone Masked */
            phone_masked: string;
            /** Relation To Policyholder */
            relation_to_policyholder: string;
            /** Roles */
            roles: components["schemas"]["PersonRole"][];
            /**
             * Sex
             * @enum {string}
             */
            sex: "male" | "female";
        };
        /**
         * PhoneCheck
         * @description Underwriting asks about a policyholder's phone before it accepts an application.
         */
        PhoneCheck: {
            /** Cert No */
            cert_no: string;
            /**
             * Cert Type
             * @default id_card
             */
            cert_type?: string;
            /** Number */
            number: string;
            /** Org Code */
            org_code: string;
            /** Phone */
            phone: string;
        };
        /**
         * PhoneCheckResult
         * @description Warnings that must be investigated before the application is accepted; empty: nothing against it.
         */
        PhoneCheckResult: {
            /** Number */
            number: string;
            /** Warnings */
            warnings: components["schemas"]["PhoneWarningView"][];
        };
        /**
         * PhoneResult
         * @description What a call brought. `answers` for success and, where given, problem. `from_phone`: the customer called us.
         */
        PhoneResult: {
            /** Answers */
            answers?: {
                [key: string]: "yes" | "no";
            };
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            command: "phone_result";
            /**
             * From Phone
             * @default null
             */
            from_phone?: string | null;
            /**
             * Note
             * @default
             */
            note?: string;
            /**
             * Result
             * @enum {string}
             */
            result: "success" | "problem" | "no_answer" | "refused" | "wrong_number";
        };
        /**
         * PhoneWarningOutcome
         * @description What the investigation found. `phone_corrected`: the customer's own number is known now.
         */
        PhoneWarningOutcome: {
            /** Note */
            note: string;
            /**
             * Outcome
             * @enum {string}
             */
            outcome: "own_phone" | "family_phone" | "phone_corrected" | "agent_wrote_own";
        };
        /**
         * PhoneWarningPage
         * @description A page of warnings, newest first; `counts` by status.
         */
        PhoneWarningPage: {
            /** Counts */
            counts: {
                [key: string]: number;
            };
            /** Items */
            items: components["schemas"]["PhoneWarningView"][];
            /** Page */
            page: number;
            /** Page Size */
            page_size: number;
            /** Total */
            total: number;
        };
        /**
         * PhoneWarningView
         * @description One phone on policies of different policyholders, or an agent's phone on a policy (A9).
         */
        PhoneWarningView: {
            /** Agent Name */
            agent_name: string;
            /** Done At */
            done_at: string | null;
            /**
             * Found At
             * Format: date-time
             */
            found_at: string;
            /** Id */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "shared_by_policyholders" | "belongs_to_agent";
            /** Note */
            note: string;
            /** Number */
            number: string;
            /** Org Code */
            org_code: string;
            /** Others */
            others: string[];
            /** Outcome */
            outcome: string;
            /** Phone Masked */
            phone_masked: string;
            /** Rule */
            rule: string;
            /**
             * Status
             * @enum {string}
             */
            status: "open" | "cleared" | "confirmed";
        };
        /**
         * Ping
         * @description A heartbeat of the page; answered with `{type: "pong"}` at once.
         */
        Ping: {
            /**
             * Type
             * @constant
             */
            type: "ping";
        };
        /**
         * PlannedCall
         * @description A call that an event made necessary.
         */
        PlannedCall: {
            /**
             * Due At
             * Format: date-time
             */
            due_at: string;
            /** Id */
            id: string;
            /** Is Late */
            is_late: boolean;
            /**
             * Kind
             * @enum {string}
             */
            kind: "grace_reminder" | "lapse_followup" | "surrender" | "claim";
            /**
             * Not Before
             * Format: date-time
             */
            not_before: string;
            /** Rule */
            rule: string;
        };
        /**
         * PlayedBody
         * @description What the player played since the last report.
         */
        PlayedBody: {
            /** Spans */
            spans: components["schemas"]["PlayedSpan"][];
        };
        /**
         * PlayedSpan
         * @description A stretch that was played, on the session clock.
         */
        PlayedSpan: {
            /** T0 Ms */
            t0_ms: number;
            /** T1 Ms */
            t1_ms: number;
        };
        /**
         * PlayTicket
         * @description Short-lived links. `watermark` is drawn over the picture by the player.
         */
        PlayTicket: {
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Sources */
            sources: components["schemas"]["MediaSource"][];
            thumbnails: components["schemas"]["ThumbnailSheet"] | null;
            /** Watermark */
            watermark: string;
        };
        /**
         * PolicyAccepted
         * @description What became of a policy: its callback and how it begins.
         */
        PolicyAccepted: {
            /** Callback Id */
            callback_id: string;
            /** Has Recording */
            has_recording: boolean;
            /** Is New */
            is_new: boolean;
            /** Policy No */
            policy_no: string;
            /** Rulebook */
            rulebook: string;
            /** Rulebook Version */
            rulebook_version: number;
            state: components["schemas"]["State"];
        };
        /**
         * PolicyBrief
         * @description A policy that was issued before this system: needed where the number is not known here. No phone: none was left.
         */
        PolicyBrief: {
            /** Org Code */
            org_code: string;
            /**
             * Phone
             * @default null
             */
            phone?: string | null;
            /** Policyholder Name */
            policyholder_name: string;
            /** Product Name */
            product_name: string;
        };
        /**
         * PolicyEventTaken
         * @description What became of an event. The same event number with the same content is answered the same again, `is_new` false.
         */
        PolicyEventTaken: {
            /** Calls */
            calls: components["schemas"]["PlannedCall"][];
            /** Cancelled Calls */
            cancelled_calls: number;
            /** Closed Callback */
            closed_callback: string | null;
            /** Event No */
            event_no: string;
            /** Is New */
            is_new: boolean;
            /**
             * Outdated
             * @default []
             */
            outdated: ("phone" | "status")[];
        };
        /**
         * PolicyFactsView
         * @description The policy beside the script.
         */
        PolicyFactsView: {
            /** Case Id */
            case_id: string | null;
            /** Certificate */
            certificate: string;
            /** Channel */
            channel: string;
            /** Cooling Off Ends Hint */
            cooling_off_ends_hint: string;
            /**
             * Effective On
             * Format: date
             */
            effective_on: string;
            /** Insured Age */
            insured_age: number;
            /** Insured Name */
            insured_name: string;
            /**
             * Issued At
             * Format: date-time
             */
            issued_at: string;
            /** Payment Frequency */
            payment_frequency: string;
            /** Payment Mode */
            payment_mode: string;
            /** Payment Years */
            payment_years: number | null;
            /** Phone */
            phone: string;
            /** Policy No */
            policy_no: string;
            /** Policyholder Age */
            policyholder_age: number;
            /** Policyholder Name */
            policyholder_name: string;
            /** Premium Fen */
            premium_fen: number;
            /** Product Name */
            product_name: string;
            /** Product Type */
            product_type: string;
            /** Proposal No */
            proposal_no: string | null;
            /** Recording Id */
            recording_id: string | null;
            /** Status */
            status: string;
            /** Term Text */
            term_text: string;
        };
        /**
         * PolicyHeader
         * @description What stands above every page of a callback.
         */
        PolicyHeader: {
            /** Insured Name */
            insured_name: string;
            /** Policy No */
            policy_no: string;
            /** Policyholder Name */
            policyholder_name: string;
            /** Premium Text */
            premium_text: string;
            /** Product Name */
            product_name: string;
        };
        /**
         * PolicyPerson
         * @description A person of a policy without a proposal. The policyholder needs a phone, unless the rulebook has numbers found (A14).
         */
        PolicyPerson: {
            /**
             * Birth On
             * Format: date
             */
            birth_on: string;
            /** Cert No */
            cert_no: string;
            /** @default id_card */
            cert_type?: components["schemas"]["CertType"];
            /** Name */
            name: string;
            /**
             * Phone
             * @default null
             */
            phone?: string | null;
        };
        /**
         * PolicyProduct
         * @description The product of a policy without a proposal.
         */
        PolicyProduct: {
            /**
             * Cooling Off Days
             * @default null
             */
            cooling_off_days?: number | null;
            /**
             * Guaranteed Rate
             * @default null
             */
            guaranteed_rate?: string | null;
            /**
             * Is Over One Year
             * @default true
             */
            is_over_one_year?: boolean;
            /** Name */
            name: string;
            product_type: components["schemas"]["ProductType"];
            /**
             * Waiting Period Days
             * @default 0
             */
            waiting_period_days?: number;
        };
        /**
         * PolicyTicket
         * @description Opens the identity check of one policy.
         */
        PolicyTicket: {
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Ticket */
            ticket: string;
        };
        /**
         * Pong
         * @description Answer to a ping.
         */
        Pong: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "pong";
        };
        /**
         * Premium
         * @description A premium was paid: calls about it are no longer needed.
         */
        Premium: {
            /** Event No */
            event_no: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "premium";
            /**
             * Paid At
             * Format: date-time
             */
            paid_at: string;
            /**
             * Premium Due On
             * Format: date
             */
            premium_due_on: string;
        };
        /**
         * PremiumView
         * @description Amounts in fen.
         */
        PremiumView: {
            /** Amount Fen */
            amount_fen: number;
            /**
             * Frequency
             * @enum {string}
             */
            frequency: "once" | "annual" | "semiannual" | "quarterly" | "monthly";
            /**
             * Mode
             * @enum {string}
             */
            mode: "single_pay" | "regular_pay";
            /** Years */
            years: number;
        };
        /**
         * PreviewQuestion
         * @description A question as the sample's customer would see it.
         */
        PreviewQuestion: {
            /** Because */
            because: string[];
            /**
             * Expected
             * @enum {string}
             */
            expected: "yes" | "no";
            /** Id */
            id: string;
            /** Text */
            text: string;
        };
        /**
         * PreviewStep
         * @description Something that happens by itself to the sample.
         */
        PreviewStep: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** Kind */
            kind: string;
            /** Rule */
            rule: string;
            /** Rule Name */
            rule_name: string;
            /** State */
            state: string;
            /** Title */
            title: string;
        };
        /**
         * ProblemOnWire
         * @description Same fields as the HTTP problem.
         */
        ProblemOnWire: {
            /** Code */
            code: string;
            /** Params */
            params: {
                [key: string]: unknown;
            };
            /**
             * Retryable
             * @default false
             */
            retryable: boolean;
            /** Status */
            status: number;
        };
        /**
         * ProductBody
         * @description A product as an administrator keeps it. Its cooling-off days are the contract's: nothing stands in for them.
         */
        ProductBody: {
            /** Cooling Off Days */
            cooling_off_days: number;
            /**
             * Grade
             * @default 2
             */
            grade?: number;
            /**
             * Guaranteed Rate
             * @default null
             */
            guaranteed_rate?: string | null;
            /**
             * Is Active
             * @default true
             */
            is_active?: boolean;
            /**
             * Is Over One Year
             * @default true
             */
            is_over_one_year?: boolean;
            /** Name */
            name: string;
            product_type: components["schemas"]["ProductType"];
            /**
             * Summary
             * @default
             */
            summary?: string;
            /**
             * Waiting Period Days
             * @default 0
             */
            waiting_period_days?: number;
        };
        /**
         * ProductType
         * @description What kind of product it is: talk scripts and triggers depend on it.
         * @enum {string}
         */
        ProductType: "term" | "whole_life" | "endowment" | "annuity" | "participating" | "universal" | "unit_linked" | "health" | "accident";
        /**
         * ProductView
         * @description A product on sale. `grade`: the insurer's own, 1 (low) … 5 (high); shown, no rule decides by it.
         */
        ProductView: {
            /** Code */
            code: string;
            /** Cooling Off Days */
            cooling_off_days: number;
            /** Grade */
            grade: number;
            /** Guaranteed Rate */
            guaranteed_rate: string | null;
            /** Is Active */
            is_active: boolean;
            /** Is Over One Year */
            is_over_one_year: boolean;
            /** Name */
            name: string;
            product_type: components["schemas"]["ProductType"];
            /** Summary */
            summary: string;
            /** Waiting Period Days */
            waiting_period_days: number;
        };
        /**
         * PromptInView
         * @description The prompt of the current node.
         */
        PromptInView: {
            /** @default null */
            caption: components["schemas"]["Caption"] | null;
            /**
             * Duration Ms
             * @default null
             */
            duration_ms: number | null;
            /**
             * Is Synthetic
             * @default true
             */
            is_synthetic: boolean;
            /**
             * Plays
             * @default 0
             */
            plays: number;
            /** @default null */
            problem: components["schemas"]["Reason"] | null;
            /**
             * Prompt Id
             * @default null
             */
            prompt_id: string | null;
            /**
             * Started T Ms
             * @default null
             */
            started_t_ms: number | null;
            /**
             * State
             * @enum {string}
             */
            state: "none" | "preparing" | "playing" | "finished" | "stopped" | "failed" | "read_aloud";
        };
        /**
         * ProposalAccepted
         * @description Answer to the core system. `is_new` is false when the proposal was known already.
         */
        ProposalAccepted: {
            /** Is New */
            is_new: boolean;
            /** Proposal No */
            proposal_no: string;
            requirement: components["schemas"]["RecordingRequirement"];
        };
        /**
         * ProposalPage
         * @description One page of proposals.
         */
        ProposalPage: {
            /** Items */
            items: components["schemas"]["ProposalSummary"][];
            /** Page */
            page: number;
            /** Page Size */
            page_size: number;
            /** Total */
            total: number;
        };
        /**
         * ProposalSummary
         * @description A line of the list of proposals.
         */
        ProposalSummary: {
            /** Case Id */
            case_id: string | null;
            channel: components["schemas"]["Channel"];
            /** Policyholder Name */
            policyholder_name: string;
            premium: components["schemas"]["PremiumView"];
            /** Product Name */
            product_name: string;
            product_type: components["schemas"]["ProductType"];
            /** Proposal No */
            proposal_no: string;
            /**
             * Received At
             * Format: date-time
             */
            received_at: string;
        };
        /**
         * ProposalView
         * @description What the core system sent, masked.
         */
        ProposalView: {
            /** Agent Id */
            agent_id: string | null;
            /** Agent Name */
            agent_name: string;
            /** Case Id */
            case_id: string | null;
            channel: components["schemas"]["Channel"];
            /** Coverage */
            coverage: string;
            /** Documents */
            documents: components["schemas"]["DocumentView"][];
            /** Missing Documents */
            missing_documents: components["schemas"]["DocumentKind"][];
            /** Org Code */
            org_code: string;
            /** Persons */
            persons: components["schemas"]["PersonView"][];
            premium: components["schemas"]["PremiumView"];
            product: components["schemas"]["ProductView"];
            /** Proposal No */
            proposal_no: string;
            /**
             * Received At
             * Format: date-time
             */
            received_at: string;
            requirement: components["schemas"]["RecordingRequirement"];
            /** Sum Insured Fen */
            sum_insured_fen: number;
            /** Warnings */
            warnings: components["schemas"]["ProposalWarning"][];
        };
        /**
         * ProposalWarning
         * @description Something to look into before recording; it blocks nothing (S3: the same phone hides callbacks).
         *
         *     `PHONE_OF_STAFF`: a customer's phone is an agent's. `PHONE_SHARED`: two people of this proposal have one phone.
         *     `PHONE_OF_OTHER_CUSTOMER`: another proposal gives this phone to somebody else.
         */
        ProposalWarning: {
            /**
             * Code
             * @enum {string}
             */
            code: "PHONE_OF_STAFF" | "PHONE_SHARED" | "PHONE_OF_OTHER_CUSTOMER";
            /** Person Id */
            person_id: string;
        };
        /**
         * PublishBody
         * @description From when the version counts; now when not given.
         */
        PublishBody: {
            /**
             * Effective At
             * @default null
             */
            effective_at?: string | null;
        };
        /**
         * PublishedKey
         * @description A public seal key: Ed25519, `public_key` in base64. `retired_at` is null while it seals.
         */
        PublishedKey: {
            /** Active From */
            active_from: string;
            /**
             * Algorithm
             * @constant
             */
            algorithm: "Ed25519";
            /** Key Id */
            key_id: string;
            /** Public Key */
            public_key: string;
            /** Retired At */
            retired_at: string | null;
        };
        /**
         * PublishedKeys
         * @description Every key that recordings were sealed with.
         */
        PublishedKeys: {
            /** Keys */
            keys: components["schemas"]["PublishedKey"][];
        };
        /**
         * Push
         * @description Ephemeral, never stored, may be dropped. `push` says which:
         *
         *     partial {person_id, seat_id, text} · levels {levels: {seat_id: 0…1}} · quality {seat_id, score, loss, rtt_ms, bitrate} ·
         *     alert {seat_id, kind, is_active} · slots {slots} · caption {seat_id, name, text} · rejoin {reason} (make a new media.join) ·
         *     renegotiate {leg_id} (media.restart on this leg: another codec is wanted).
         */
        Push: {
            /** Data */
            data: {
                [key: string]: unknown;
            };
            /**
             * Push
             * @enum {string}
             */
            push: "partial" | "levels" | "quality" | "alert" | "slots" | "caption" | "rejoin" | "renegotiate";
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "push";
        };
        /**
         * QuestionnaireList
         * @description All questionnaires.
         */
        QuestionnaireList: {
            /** Items */
            items: components["schemas"]["QuestionnaireSummary"][];
        };
        /**
         * QuestionnairePreview
         * @description Notice and questions of the sample.
         */
        QuestionnairePreview: {
            /** Notice */
            notice: string;
            /** Questions */
            questions: components["schemas"]["PreviewQuestion"][];
            /** Skipped */
            skipped: components["schemas"]["SkippedView"][];
        };
        /**
         * QuestionnaireSummary
         * @description A questionnaire and its newest version.
         */
        QuestionnaireSummary: {
            /** Id */
            id: string;
            /** Questions */
            questions: number;
            /** Title */
            title: string;
            /** Version */
            version: number;
            /** Versions */
            versions: number[];
        };
        /**
         * QuestionnaireView
         * @description The questions. `seconds_left`: submitting is refused before, measured by the server from the first rendering.
         */
        QuestionnaireView: {
            /** Callback Id */
            callback_id: string;
            /** Can Abort */
            can_abort: boolean;
            /** Has Remark */
            has_remark: boolean;
            header: components["schemas"]["PolicyHeader"];
            /** Min Answer Seconds */
            min_answer_seconds: number;
            /** Questions */
            questions: components["schemas"]["AskedView"][];
            /** Remark Max */
            remark_max: number;
            /** Seconds Left */
            seconds_left: number;
            /** Title */
            title: string;
        };
        /**
         * Reason
         * @description Why something is refused or still missing. `params` may carry person_id, name, roles, document_id, document_name, …
         */
        Reason: {
            /** Code */
            code: string;
            /** Params */
            params: {
                [key: string]: unknown;
            };
        };
        /**
         * ReasonBody
         * @description A written reason.
         */
        ReasonBody: {
            /** Reason */
            reason: string;
        };
        /**
         * ReasonView
         * @description A reject reason of the score card; shown as a chip with its number key.
         */
        ReasonView: {
            /** Code */
            code: string;
            /** Is Critical */
            is_critical: boolean;
            /** Label */
            label: string;
        };
        /**
         * RecordedAnswer
         * @description What the customer said or did on a subject in the recording. `t_ms` on its timeline, for the play button.
         */
        RecordedAnswer: {
            /** Confidence */
            confidence: number | null;
            /**
             * Kind
             * @enum {string}
             */
            kind: "answer" | "documents" | "signed";
            /** Node Id */
            node_id: string;
            /** Node Title */
            node_title: string;
            /** Override Reason */
            override_reason: string | null;
            /** Override Verdict */
            override_verdict: string | null;
            /** Recording Id */
            recording_id: string;
            /** T Ms */
            t_ms: number | null;
            /** Text */
            text: string;
            /** Verdict */
            verdict: ("affirmative" | "negative" | "unclear" | "silent") | null;
        };
        /**
         * RecordingInView
         * @description The recording clock: elapsed = server time − started_at; take the offset from `server_time` of the view.
         */
        RecordingInView: {
            /**
             * Duration Ms
             * @default null
             */
            duration_ms: number | null;
            /**
             * Ended At
             * @default null
             */
            ended_at: string | null;
            /** @default null */
            problem: components["schemas"]["Reason"] | null;
            /**
             * Recording Id
             * @default null
             */
            recording_id: string | null;
            /**
             * Started At
             * @default null
             */
            started_at: string | null;
            /**
             * State
             * @enum {string}
             */
            state: "idle" | "starting" | "running" | "stopping" | "stopped" | "failed";
        };
        /**
         * RecordingPage
         * @description A page of recordings, newest first. `next_cursor` is null on the last page.
         */
        RecordingPage: {
            /** Items */
            items: components["schemas"]["RecordingSummary"][];
            /** Next Cursor */
            next_cursor: string | null;
        };
        /**
         * RecordingReason
         * @description One rule that asks for a dual recording: `code` names it, `params` its values.
         */
        RecordingReason: {
            /** Code */
            code: string;
            /** Params */
            params: {
                [key: string]: string | number;
            };
        };
        /**
         * RecordingRequirement
         * @description Whether the sale must be recorded, and why (54号 Art. 6 and regional rules, as data).
         */
        RecordingRequirement: {
            /** Is Required */
            is_required: boolean;
            /** Reasons */
            reasons: components["schemas"]["RecordingReason"][];
        };
        /**
         * RecordingSummary
         * @description A recording in lists. `outcome` is the session's; null while it records. Only a completed one is inspected.
         */
        RecordingSummary: {
            /** Case Id */
            case_id: string;
            /** Duration Ms */
            duration_ms: number | null;
            /** Ended At */
            ended_at: string | null;
            /** Id */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "initial" | "supplementary";
            /** Outcome */
            outcome: ("completed" | "declined" | "aborted") | null;
            /** Parent Id */
            parent_id: string | null;
            /** Sealed At */
            sealed_at: string | null;
            /** Session Id */
            session_id: string;
            /**
             * Started At
             * Format: date-time
             */
            started_at: string;
            /**
             * State
             * @enum {string}
             */
            state: "recording" | "stopped" | "finalising" | "sealed" | "failed" | "disposed";
        };
        /**
         * RecordingView
         * @description Everything about a recording except its long lists.
         */
        RecordingView: {
            /** Case Id */
            case_id: string;
            /** Check Counts */
            check_counts: {
                [key: string]: number;
            };
            /** Duration Ms */
            duration_ms: number | null;
            /** Ended At */
            ended_at: string | null;
            /** Finalise Error */
            finalise_error: string | null;
            /** Id */
            id: string;
            /** Is Development Stamp */
            is_development_stamp: boolean | null;
            /** Is Locked */
            is_locked: boolean | null;
            /**
             * Kind
             * @enum {string}
             */
            kind: "initial" | "supplementary";
            /** Manifest Sha256 */
            manifest_sha256: string | null;
            /** Outcome */
            outcome: ("completed" | "declined" | "aborted") | null;
            /** Parent Id */
            parent_id: string | null;
            /** Product Name */
            product_name: string;
            /** Product Type */
            product_type: string;
            /** Proposal No */
            proposal_no: string;
            /** Rulebook */
            rulebook: string | null;
            /** Seal Key Id */
            seal_key_id: string | null;
            /** Sealed At */
            sealed_at: string | null;
            /** Seats */
            seats: components["schemas"]["SeatView"][];
            /** Session Id */
            session_id: string;
            /**
             * Started At
             * Format: date-time
             */
            started_at: string;
            /**
             * State
             * @enum {string}
             */
            state: "recording" | "stopped" | "finalising" | "sealed" | "failed" | "disposed";
            /** Steps */
            steps: components["schemas"]["StepView"][];
            /** Store Name */
            store_name: string | null;
            /** Supplements */
            supplements: components["schemas"]["RecordingSummary"][];
            /** Talk Script */
            talk_script: string | null;
            /** Time Stamp At */
            time_stamp_at: string | null;
            /** Total Bytes */
            total_bytes: number | null;
        };
        /**
         * Redelivered
         * @description How many dead deliveries were queued again.
         */
        Redelivered: {
            /** Count */
            count: number;
        };
        /**
         * RegistrationResult
         * @description `login` is what the agent signs in with: the agent code, or `company_code-work_no`.
         */
        RegistrationResult: {
            /** Id */
            id: string;
            /** Login */
            login: string;
            status: components["schemas"]["StaffStatus"];
        };
        /**
         * RejectBody
         * @description Reject: node verdicts were stored before; `note` sums up. The rulebook sets the supplementary recording's due date.
         */
        RejectBody: {
            /** Note */
            note: string;
            /** Reason Codes */
            reason_codes: string[];
        };
        /**
         * ReleaseSeatParams
         * @description release_seat: the agent frees a seat whose role was claimed by the wrong person (lobby only).
         */
        ReleaseSeatParams: {
            /** Seat Id */
            seat_id: string;
        };
        /**
         * Reply
         * @description Answer to one command.
         */
        Reply: {
            /** Id */
            id: string;
            /** Ok */
            ok: boolean;
            /** @default null */
            problem: components["schemas"]["ProblemOnWire"] | null;
            /**
             * Result
             * @default null
             */
            result: {
                [key: string]: unknown;
            } | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "reply";
        };
        /**
         * ReportStateParams
         * @description report_state: what a page says of itself, whole each time; what lasts is a gap on the recording's timeline.
         */
        ReportStateParams: {
            /**
             * Is Camera Muted
             * @default false
             */
            is_camera_muted: boolean;
            /**
             * Is Hidden
             * @default false
             */
            is_hidden: boolean;
            /**
             * Is Mic Muted
             * @default false
             */
            is_mic_muted: boolean;
        };
        /**
         * ResultView
         * @description How the callback ended, and what can follow without a new identity check.
         */
        ResultView: {
            /** Callback Id */
            callback_id: string;
            /** Desk Hours */
            desk_hours: string;
            /** Desk Phone */
            desk_phone: string;
            /** Next */
            next: components["schemas"]["WaitingPolicy"][];
            /**
             * Outcome
             * @enum {string}
             */
            outcome: "success" | "phone" | "aborted" | "open";
            /** Policy No */
            policy_no: string;
            state: components["schemas"]["State"];
            /** Thanks */
            thanks: string;
        };
        /**
         * Role
         * @description What a member of staff may do; one person may hold several, within the separation of sales and inspection.
         * @enum {string}
         */
        Role: "agent" | "inspector" | "callback_operator" | "administrator" | "compliance";
        /**
         * RoleChoice
         * @description A role of the application. `state`: mine (already my seat's), free, taken, foreign (another person's).
         */
        RoleChoice: {
            /** Is Required */
            is_required: boolean;
            /** Name */
            name: string;
            /** Person Id */
            person_id: string;
            /**
             * Role
             * @enum {string}
             */
            role: "agent" | "policyholder" | "insured" | "guardian";
            /** Role Id */
            role_id: string;
            /**
             * State
             * @enum {string}
             */
            state: "mine" | "free" | "taken" | "foreign";
        };
        /**
         * RoomLeg
         * @description Live counters of one leg; null where nothing was measured. `gap_ms`: how long its link was away in all.
         */
        RoomLeg: {
            /** Bitrate */
            bitrate: number;
            /** Gap Ms */
            gap_ms: number | null;
            /** Jitter Ms */
            jitter_ms: number | null;
            /** Leg Id */
            leg_id: string;
            /** Lost */
            lost: number;
            /** Nack */
            nack: number;
            /** Packets */
            packets: number;
            /** Pli */
            pli: number;
            /** Rtt Ms */
            rtt_ms: number | null;
            /** Rtx */
            rtx: number;
            /** Score */
            score: number | null;
            /** Seat Id */
            seat_id: string;
        };
        /**
         * RulebookList
         * @description All rulebooks.
         */
        RulebookList: {
            /** Items */
            items: components["schemas"]["RulebookSummary"][];
        };
        /**
         * RulebookPreview
         * @description What would happen to a policy issued now if its customer did nothing.
         */
        RulebookPreview: {
            /** Estimated Years */
            estimated_years: number[];
            /** Method */
            method: string;
            /** Min Answer Seconds */
            min_answer_seconds: number;
            /**
             * Second Sms
             * @enum {string}
             */
            second_sms: "none" | "in_window" | "after_window" | "dropped";
            /** Steps */
            steps: components["schemas"]["PreviewStep"][];
        };
        /**
         * RulebookSummary
         * @description A rulebook and the version in force today. `is_used`: new callbacks of this installation follow it.
         */
        RulebookSummary: {
            /**
             * Effective From
             * Format: date
             */
            effective_from: string;
            /** Id */
            id: string;
            /** Insurer */
            insurer: string;
            /** Is Used */
            is_used: boolean;
            /** Source */
            source: string;
            /** Version */
            version: number;
            /** Versions */
            versions: number[];
        };
        /**
         * RuleField
         * @description A field of a rulebook, for a form.
         */
        RuleField: {
            /** Choices */
            choices: string[];
            /** Default */
            default: unknown;
            /** Is Optional */
            is_optional: boolean;
            /**
             * Kind
             * @enum {string}
             */
            kind: "text" | "number" | "yes_no" | "date" | "time" | "choice" | "choices" | "texts" | "numbers" | "mapping";
            /** Path */
            path: string;
            /** Section */
            section: string;
        };
        /**
         * RuleFields
         * @description Everything that the editors offer.
         */
        RuleFields: {
            /** Conditions */
            conditions: string[];
            /** Merge Fields */
            merge_fields: string[];
            /** Questionnaires */
            questionnaires: string[];
            /** Rulebook */
            rulebook: components["schemas"]["RuleField"][];
            /** Subjects */
            subjects: string[];
        };
        /**
         * SamplePage
         * @description A page of drawn callbacks; `counts` by status.
         */
        SamplePage: {
            /** Counts */
            counts: {
                [key: string]: number;
            };
            /** Items */
            items: components["schemas"]["SampleRow"][];
            /** Page */
            page: number;
            /** Page Size */
            page_size: number;
            /** Total */
            total: number;
        };
        /**
         * SamplePolicy
         * @description A policy to preview with.
         */
        SamplePolicy: {
            /**
             * Certificate
             * @default id_card
             * @enum {string}
             */
            certificate?: "id_card" | "passport" | "other";
            /**
             * Channel
             * @default agent
             * @enum {string}
             */
            channel?: "agent" | "bank" | "intermediary" | "online" | "phone";
            /**
             * Effective In Days
             * @default 1
             */
            effective_in_days?: number;
            /**
             * Has Fees
             * @default true
             */
            has_fees?: boolean;
            /**
             * Has Recording
             * @default true
             */
            has_recording?: boolean;
            /**
             * Insured Age
             * @default 43
             */
            insured_age?: number;
            /**
             * Is First Time
             * @default true
             */
            is_first_time?: boolean;
            /**
             * Is Insured Policyholder
             * @default false
             */
            is_insured_policyholder?: boolean;
            /**
             * Payment Mode
             * @default regular_pay
             * @enum {string}
             */
            payment_mode?: "single_pay" | "regular_pay";
            /** @default participating */
            product_type?: components["schemas"]["ProductType"];
            /**
             * Waiting Period Days
             * @default 0
             */
            waiting_period_days?: number;
        };
        /**
         * SampleRow
         * @description A drawn callback. `is_own`: the caller held the call and may not check it.
         */
        SampleRow: {
            /** Callback Id */
            callback_id: string;
            /** Channel */
            channel: string | null;
            /** Checks */
            checks: {
                [key: string]: string;
            };
            /** Due At */
            due_at: string | null;
            /**
             * Finished At
             * Format: date-time
             */
            finished_at: string;
            /** Id */
            id: string;
            /** Is Overdue */
            is_overdue: boolean;
            /** Is Own */
            is_own: boolean;
            /** Note */
            note: string;
            /** Org Code */
            org_code: string;
            /** Policy No */
            policy_no: string;
            /** Policyholder Name */
            policyholder_name: string;
            /** Problem Category */
            problem_category: string;
            /** Product Name */
            product_name: string;
            /** Reviewed At */
            reviewed_at: string | null;
            /** Rule */
            rule: string;
            /** Rule Title */
            rule_title: string;
            /**
             * Status
             * @enum {string}
             */
            status: "open" | "passed" | "failed" | "not_chosen";
        };
        /**
         * SampleRules
         * @description The rules, in order, and the list of checks.
         */
        SampleRules: {
            /** Checks */
            checks: components["schemas"]["SamplingCheck"][];
            /** Rules */
            rules: components["schemas"]["SamplingRuleView"][];
        };
        /**
         * SampleVerdict
         * @description What was found, check by check. A failed check needs a note.
         */
        SampleVerdict: {
            /** Checks */
            checks: {
                [key: string]: "pass" | "fail" | "not_applicable";
            };
            /**
             * Note
             * @default
             */
            note?: string;
        };
        /**
         * SamplingCheck
         * @description Something the checker answers.
         */
        SamplingCheck: {
            /** Id */
            id: string;
            /** Title */
            title: string;
        };
        /**
         * SamplingRuleView
         * @description A rule of the sampling.
         */
        SamplingRuleView: {
            /** Due Workdays */
            due_workdays: number;
            /** Id */
            id: string;
            /** Share */
            share: number;
            /** Title */
            title: string;
        };
        /**
         * ScoreView
         * @description Points by the score card. `lost`: by check code. It orders and warns, it never decides.
         */
        ScoreView: {
            /** Critical */
            critical: string[];
            /** Is Good */
            is_good: boolean;
            /** Lost */
            lost: {
                [key: string]: number;
            };
            /** Of */
            of: number;
            /** Points */
            points: number;
        };
        /**
         * SearchBody
         * @description What is looked for; everything that is set must hold.
         *
         *     `q`: case id, proposal or policy number (whole, its beginning, or a part of at least four characters), or a customer's whole
         *     name, phone or ID number (found by keyed hash). `agent`: name, login or agent code. `words`: at least two characters that
         *     were spoken; found by sound. Dates are of the recording, in local time, both inclusive.
         */
        SearchBody: {
            /**
             * Agent
             * @default
             */
            agent?: string;
            /**
             * Cursor
             * @default null
             */
            cursor?: string | null;
            /**
             * From On
             * @default null
             */
            from_on?: string | null;
            /**
             * Limit
             * @default 30
             */
            limit?: number;
            /**
             * Product
             * @default
             */
            product?: string;
            /** @default null */
            product_type?: components["schemas"]["ProductType"] | null;
            /**
             * Q
             * @default
             */
            q?: string;
            /** @default null */
            state?: components["schemas"]["CaseState"] | null;
            /**
             * To On
             * @default null
             */
            to_on?: string | null;
            /**
             * Verdict
             * @default null
             */
            verdict?: ("queued" | "passed" | "rejected" | "appealed" | "cancelled") | null;
            /**
             * Words
             * @default
             */
            words?: string;
        };
        /**
         * SearchHit
         * @description A case that was found.
         */
        SearchHit: {
            /** Agent Name */
            agent_name: string;
            /** Case Id */
            case_id: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Inspections */
            inspections: components["schemas"]["InspectionRef"][];
            /** Insured Name */
            insured_name: string;
            /** Is Elderly */
            is_elderly: boolean;
            /** Policy Nos */
            policy_nos: string[];
            /** Policyholder Name */
            policyholder_name: string;
            /** Product Name */
            product_name: string;
            product_type: components["schemas"]["ProductType"];
            /** Proposal No */
            proposal_no: string;
            /** Recorded At */
            recorded_at: string | null;
            /** Recording Id */
            recording_id: string | null;
            /** Spoken */
            spoken: components["schemas"]["SpokenHit"][];
            state: components["schemas"]["CaseState"];
        };
        /**
         * SearchPage
         * @description Newest first. `reason` says why nothing could be looked up: `WORDS_TOO_SHORT`.
         */
        SearchPage: {
            /** Items */
            items: components["schemas"]["SearchHit"][];
            /** Next Cursor */
            next_cursor: string | null;
            /**
             * Reason
             * @default null
             */
            reason: "WORDS_TOO_SHORT" | null;
        };
        /**
         * SeatTicket
         * @description The seat ticket: keep it in sessionStorage; it brings the person back to the same seat after a reload.
         */
        SeatTicket: {
            /** Care Mode */
            care_mode: boolean;
            /** Consents */
            consents: components["schemas"]["ConsentText"][];
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Roles */
            roles: ("agent" | "policyholder" | "insured" | "guardian")[];
            /** Seat Id */
            seat_id: string;
            /** Session Id */
            session_id: string;
            /** Ticket */
            ticket: string;
        };
        /**
         * SeatView
         * @description A person of the recording; names are masked.
         */
        SeatView: {
            /** Display Name */
            display_name: string;
            /** Kind */
            kind: string;
            /** Label */
            label: string;
            /** Roles */
            roles: string[];
            /** Seat Id */
            seat_id: string;
        };
        /**
         * ServiceCallDetail
         * @description A call with its script.
         */
        ServiceCallDetail: {
            /** Allowed */
            allowed: string[];
            /** Amount Fen */
            amount_fen: number | null;
            /** Attempts */
            attempts: number;
            /** Callback Id */
            callback_id: string | null;
            /** Can Call From */
            can_call_from: string | null;
            /** Collector */
            collector: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Desk Hours */
            desk_hours: string;
            /**
             * Desk Opens At
             * Format: date-time
             */
            desk_opens_at: string;
            /** Done At */
            done_at: string | null;
            /**
             * Due At
             * Format: date-time
             */
            due_at: string;
            /** Findings */
            findings: string[];
            /** Grace Ends On */
            grace_ends_on: string | null;
            /** Id */
            id: string;
            /** Is Desk Open */
            is_desk_open: boolean;
            /** Is Overdue */
            is_overdue: boolean;
            /**
             * Kind
             * @enum {string}
             */
            kind: "grace_reminder" | "lapse_followup" | "surrender" | "claim";
            /** Next Call At */
            next_call_at: string | null;
            /**
             * Not Before
             * Format: date-time
             */
            not_before: string;
            /** Notes */
            notes: components["schemas"]["ServiceCallNote"][];
            /** Notice */
            notice: string;
            /** Org Code */
            org_code: string;
            /** Phone */
            phone: string;
            /** Phone Masked */
            phone_masked: string;
            /** Policy No */
            policy_no: string;
            /** Policyholder Name */
            policyholder_name: string;
            /** Premium Due On */
            premium_due_on: string | null;
            /** Premium Fen */
            premium_fen: number | null;
            /** Product Name */
            product_name: string;
            /** Questions */
            questions: components["schemas"]["ServiceQuestion"][];
            /** Result */
            result: string;
            /** Rule */
            rule: string;
            /** Rule Name */
            rule_name: string;
            /**
             * Status
             * @enum {string}
             */
            status: "open" | "number_failed" | "paper" | "done" | "cancelled" | "closed";
        };
        /**
         * ServiceCallNote
         * @description An attempt.
         */
        ServiceCallNote: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /** By */
            by: string;
            /** Note */
            note: string;
            /** Result */
            result: string;
        };
        /**
         * ServiceCallPage
         * @description A page of service calls; `counts` by view.
         */
        ServiceCallPage: {
            /** Counts */
            counts: {
                [key: string]: number;
            };
            /** Items */
            items: components["schemas"]["ServiceCallRow"][];
            /** Page */
            page: number;
            /** Page Size */
            page_size: number;
            /** Total */
            total: number;
        };
        /**
         * ServiceCallResult
         * @description What a call brought; `answers` (yes, no or text) where the customer was reached. `visitor_id`: who visited.
         */
        ServiceCallResult: {
            /** Answers */
            answers?: {
                [key: string]: string;
            };
            /**
             * Note
             * @default
             */
            note?: string;
            /**
             * Result
             * @enum {string}
             */
            result: "reached" | "no_answer" | "refused" | "wrong_number" | "paper_returned" | "paper_missed";
            /**
             * Scan Id
             * @default
             */
            scan_id?: string;
        };
        /**
         * ServiceCallRow
         * @description A line of the list.
         */
        ServiceCallRow: {
            /** Attempts */
            attempts: number;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Done At */
            done_at: string | null;
            /**
             * Due At
             * Format: date-time
             */
            due_at: string;
            /** Findings */
            findings: string[];
            /** Id */
            id: string;
            /** Is Overdue */
            is_overdue: boolean;
            /**
             * Kind
             * @enum {string}
             */
            kind: "grace_reminder" | "lapse_followup" | "surrender" | "claim";
            /** Next Call At */
            next_call_at: string | null;
            /**
             * Not Before
             * Format: date-time
             */
            not_before: string;
            /** Org Code */
            org_code: string;
            /** Phone Masked */
            phone_masked: string;
            /** Policy No */
            policy_no: string;
            /** Policyholder Name */
            policyholder_name: string;
            /** Product Name */
            product_name: string;
            /** Result */
            result: string;
            /** Rule */
            rule: string;
            /** Rule Name */
            rule_name: string;
            /**
             * Status
             * @enum {string}
             */
            status: "open" | "number_failed" | "paper" | "done" | "cancelled" | "closed";
        };
        /**
         * ServiceQuestion
         * @description A question as it is read out.
         */
        ServiceQuestion: {
            /** Answer */
            answer: string | null;
            /** Id */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "yes_no" | "text";
            /** Text */
            text: string;
        };
        /**
         * SessionCreated
         * @description A created session; the agent enters it at `/ws/sessions/{session_id}`.
         */
        SessionCreated: {
            /** Case Id */
            case_id: string;
            join_code: components["schemas"]["JoinCodeView"];
            /** Session Id */
            session_id: string;
        };
        /**
         * SessionQuality
         * @description All legs of a session, oldest first; empty where nothing was measured.
         */
        SessionQuality: {
            /** Legs */
            legs: components["schemas"]["LegQuality"][];
            /** Session Id */
            session_id: string;
            /** Started At */
            started_at: string | null;
        };
        /**
         * SessionSummary
         * @description A session in a list (T23).
         */
        SessionSummary: {
            /** Case Id */
            case_id: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Ended At */
            ended_at: string | null;
            /** People */
            people: string[];
            /**
             * Phase
             * @enum {string}
             */
            phase: "lobby" | "recording" | "ended" | "declined" | "aborted";
            /** Recording Id */
            recording_id: string | null;
            /** Session Id */
            session_id: string;
            /** Started At */
            started_at: string | null;
            /** Supplements Recording Id */
            supplements_recording_id: string | null;
            /** Talk Script */
            talk_script: string;
        };
        /**
         * SessionView
         * @description The whole truth for one person at one `seq`.
         */
        SessionView: {
            /** Allowed Actions */
            allowed_actions: components["schemas"]["AllowedAction"][];
            /** Answer Limits */
            answer_limits: {
                [key: string]: number;
            };
            case: components["schemas"]["CaseInView"];
            /** Documents */
            documents: components["schemas"]["DocumentInView"][];
            engines: components["schemas"]["EngineInView"];
            /** @default null */
            join_code: components["schemas"]["JoinCodeInView"] | null;
            /** Ledger */
            ledger: components["schemas"]["LedgerLine"][];
            me: components["schemas"]["MeInView"];
            /** Missing */
            missing: components["schemas"]["Reason"][];
            /** @default null */
            node: components["schemas"]["CurrentNode"] | null;
            /** Nodes */
            nodes: components["schemas"]["NodeInList"][];
            /** @default null */
            outcome_reason: components["schemas"]["Reason"] | null;
            /** People */
            people: components["schemas"]["PersonInView"][];
            /**
             * Phase
             * @enum {string}
             */
            phase: "lobby" | "recording" | "ended" | "declined" | "aborted";
            recording: components["schemas"]["RecordingInView"];
            /** Seq */
            seq: number;
            /**
             * Server Time
             * Format: date-time
             */
            server_time: string;
            /** Session Id */
            session_id: string;
            /** @default null */
            share: components["schemas"]["ShareInView"] | null;
            soft_timer: components["schemas"]["SoftTimer"];
        };
        /**
         * Sex
         * @description As on the ID card.
         * @enum {string}
         */
        Sex: "male" | "female";
        /**
         * ShareInView
         * @description The share that is on.
         */
        ShareInView: {
            /**
             * Document Id
             * @default null
             */
            document_id: string | null;
            /** Is Mine */
            is_mine: boolean;
            /**
             * Is Silent
             * @default false
             */
            is_silent: boolean;
            /**
             * Mode
             * @enum {string}
             */
            mode: "reader" | "screen";
            /** Name */
            name: string;
            /**
             * Page
             * @default null
             */
            page: number | null;
            /** Seat Id */
            seat_id: string;
            /** Share Id */
            share_id: string;
            /**
             * Started At
             * Format: date-time
             */
            started_at: string;
        };
        /**
         * ShareSpan
         * @description A screen share; `ended_by` tells a tap from a lost track.
         */
        ShareSpan: {
            /** Ended By */
            ended_by: string | null;
            /** Seat Id */
            seat_id: string;
            /** T0 Ms */
            t0_ms: number;
            /** T1 Ms */
            t1_ms: number;
        };
        /**
         * ShareStartParams
         * @description start_share.
         */
        ShareStartParams: {
            /**
             * Mode
             * @enum {string}
             */
            mode: "reader" | "screen";
        };
        /**
         * ShareStopParams
         * @description stop_share: `user` by the button, `track_ended` when the browser ended it, `unload` on leaving the page.
         */
        ShareStopParams: {
            /**
             * Reason
             * @default user
             * @enum {string}
             */
            reason: "user" | "track_ended" | "unload";
        };
        /**
         * SignatureKept
         * @description The hash that the history keeps.
         */
        SignatureKept: {
            /** Sha256 */
            sha256: string;
        };
        /**
         * SignaturePoint
         * @description A pen position, 0…1 of the pad, at `t` ms.
         */
        SignaturePoint: {
            /**
             * P
             * @default null
             */
            p?: number | null;
            /** T */
            t: number;
            /** X */
            x: number;
            /** Y */
            y: number;
        };
        /**
         * SignIn
         * @description `login` is the account name, or the phone number. `totp` is asked for by the answer 401 `TOTP_REQUIRED`.
         */
        SignIn: {
            /** Login */
            login: string;
            /** Password */
            password: string;
            /**
             * Totp
             * @default null
             */
            totp?: string | null;
        };
        /**
         * SignInOptions
         * @description What the sign-in and registration pages need before anybody is signed in. `demo_logins` is empty outside development.
         */
        SignInOptions: {
            /** Company Channels */
            company_channels: string[];
            /** Demo Logins */
            demo_logins: components["schemas"]["DemoLogin"][];
            /**
             * Mode
             * @enum {string}
             */
            mode: "development" | "production";
            /** Organisations */
            organisations: components["schemas"]["Organisation"][];
            /** Requires Approval */
            requires_approval: boolean;
        };
        /**
         * SkippedView
         * @description A question that is not asked, and why.
         */
        SkippedView: {
            /** Id */
            id: string;
            /** Reason */
            reason: string;
        };
        /**
         * Slot
         * @description A transceiver in fixed order (docs/protocols.md). `seat_id` null: nobody there now.
         */
        Slot: {
            /**
             * Direction
             * @enum {string}
             */
            direction: "send" | "recv";
            /**
             * Kind
             * @enum {string}
             */
            kind: "mic" | "camera" | "screen" | "prompt";
            /** Mid */
            mid: string;
            /**
             * Seat Id
             * @default null
             */
            seat_id: string | null;
        };
        /**
         * SmsCodeRequest
         * @description Asks for a code by SMS; the answer is the same whether or not the phone is known.
         */
        SmsCodeRequest: {
            /** Phone */
            phone: string;
            /**
             * Purpose
             * @default registration
             * @constant
             */
            purpose?: "registration";
        };
        /**
         * SocketMessages
         * @description Only to carry the socket's types into the OpenAPI document: never sent as such.
         */
        SocketMessages: {
            abort_session: components["schemas"]["AbortParams"];
            add_note: components["schemas"]["NoteParams"];
            command: components["schemas"]["ClientCommand"];
            confirm_id: components["schemas"]["ConfirmIdParams"];
            confirm_on_site: components["schemas"]["ConfirmOnSiteParams"];
            decline: components["schemas"]["DeclineParams"];
            document_open: components["schemas"]["DocumentOpenParams"];
            document_sign: components["schemas"]["DocumentSignParams"];
            document_view: components["schemas"]["DocumentViewParams"];
            hello: components["schemas"]["Hello"];
            media_answer: components["schemas"]["MediaAnswerParams"];
            media_joined: components["schemas"]["MediaJoined"];
            media_restart: components["schemas"]["MediaRestartParams"];
            /** Message */
            message: components["schemas"]["Update"] | components["schemas"]["Reply"] | components["schemas"]["Push"] | components["schemas"]["Goodbye"] | components["schemas"]["Pong"];
            node: components["schemas"]["NodeParams"];
            override_answer: components["schemas"]["OverrideParams"];
            ping: components["schemas"]["Ping"];
            release_seat: components["schemas"]["ReleaseSeatParams"];
            report_state: components["schemas"]["ReportStateParams"];
            set_location: components["schemas"]["LocationParams"];
            start_share: components["schemas"]["ShareStartParams"];
            stop_share: components["schemas"]["ShareStopParams"];
        };
        /**
         * SoftTimer
         * @description Usual length of a session (T22). It warns; it stops nothing.
         */
        SoftTimer: {
            /** Is Over */
            is_over: boolean;
            /** Limit S */
            limit_s: number;
        };
        /**
         * SpokenHit
         * @description A line in which the words were said. `is_exact` is false where it only sounds alike (the recogniser's homophones).
         */
        SpokenHit: {
            /** Is Exact */
            is_exact: boolean;
            /** Recording Id */
            recording_id: string;
            /** Seat Id */
            seat_id: string;
            /** Speaker */
            speaker: string;
            /** T Ms */
            t_ms: number;
            /** Text */
            text: string;
        };
        /**
         * StaffStatus
         * @description `pending` waits for an administrator's approval.
         * @enum {string}
         */
        StaffStatus: "pending" | "active" | "disabled";
        /**
         * State
         * @description Where a callback stands.
         * @enum {string}
         */
        State: "waiting" | "open" | "in_progress" | "locked" | "phone" | "phone_failed" | "problem" | "visit" | "letter" | "success" | "closed" | "expired";
        /**
         * Statistics
         * @description Callbacks of a period, per organisation and per day, with the reasons of problem cases and why nobody was reached.
         */
        Statistics: {
            all: components["schemas"]["StatisticsRow"];
            /** By Day */
            by_day: components["schemas"]["StatisticsDay"][];
            /** By Org */
            by_org: components["schemas"]["StatisticsRow"][];
            /** Problem Reasons */
            problem_reasons: {
                [key: string]: number;
            };
            /**
             * Since
             * Format: date
             */
            since: string;
            /** Unexpected Questions */
            unexpected_questions: {
                [key: string]: number;
            };
            /**
             * Until
             * Format: date
             */
            until: string;
        };
        /**
         * StatisticsDay
         * @description Callbacks created on a local date.
         */
        StatisticsDay: {
            /**
             * Day
             * Format: date
             */
            day: string;
            /** Electronic */
            electronic: number;
            /** Problem */
            problem: number;
            /** Success */
            success: number;
            /** Total */
            total: number;
        };
        /**
         * StatisticsRow
         * @description Figures of one organisation, or of all (`org_code` empty). Shares are null where there is nothing to divide by.
         */
        StatisticsRow: {
            /** Completion Share */
            completion_share: number | null;
            /** Contradiction */
            contradiction: number;
            /** Electronic */
            electronic: number;
            /** Electronic Share */
            electronic_share: number | null;
            /** Failed Number */
            failed_number: number;
            /** Finished */
            finished: number;
            /** First Day */
            first_day: number;
            /** First Day Share */
            first_day_share: number | null;
            /** Open */
            open: number;
            /** Org Code */
            org_code: string;
            /** Paper */
            paper: number;
            /** Phone */
            phone: number;
            /** Problem */
            problem: number;
            /** Success */
            success: number;
            /** Total */
            total: number;
        };
        /**
         * StepView
         * @description One step of finalising. `progress` is null where a step reports none.
         */
        StepView: {
            /** Ended At */
            ended_at: string | null;
            /** Error Code */
            error_code: string | null;
            /** Name */
            name: string;
            /** Progress */
            progress: number | null;
            /** Started At */
            started_at: string | null;
            /**
             * State
             * @enum {string}
             */
            state: "pending" | "running" | "done" | "failed";
            /** Tries */
            tries: number;
        };
        /**
         * StrokePoint
         * @description One point: x, y in 0…1 of the pad, t in ms since the first point, p pressure if known.
         */
        StrokePoint: {
            /**
             * P
             * @default null
             */
            p: number | null;
            /** T */
            t: number;
            /** X */
            x: number;
            /** Y */
            y: number;
        };
        /**
         * SubmitAnswers
         * @description All answers at once.
         */
        SubmitAnswers: {
            /** Answers */
            answers: {
                [key: string]: "yes" | "no";
            };
            /**
             * Remark
             * @default
             */
            remark?: string;
        };
        /**
         * TalkScriptDiff
         * @description Differences from version `against` to `version`.
         */
        TalkScriptDiff: {
            /** Against */
            against: number;
            /** Entries */
            entries: components["schemas"]["DiffEntry"][];
            /** Key */
            key: string;
            /** Version */
            version: number;
        };
        /**
         * TalkScriptList
         * @description All talk scripts.
         */
        TalkScriptList: {
            /** Items */
            items: components["schemas"]["TalkScriptSummary"][];
        };
        /**
         * TalkScriptSummary
         * @description A talk script and its versions in short.
         */
        TalkScriptSummary: {
            /** Effective At */
            effective_at: string | null;
            /** Key */
            key: string;
            /** Latest Version */
            latest_version: number;
            /** Published Version */
            published_version: number | null;
            /** Title */
            title: string;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /**
         * TalkScriptVersion
         * @description A version with its content.
         */
        TalkScriptVersion: {
            /** Content */
            content: {
                [key: string]: unknown;
            };
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Created By */
            created_by: string;
            /** Effective At */
            effective_at: string | null;
            /** Key */
            key: string;
            /** Nodes */
            nodes: number;
            /** Note */
            note: string;
            /** Published At */
            published_at: string | null;
            /** Published By */
            published_by: string;
            /** Sha256 */
            sha256: string;
            /**
             * Status
             * @enum {string}
             */
            status: "draft" | "published" | "retired";
            /** Title */
            title: string;
            /** Version */
            version: number;
        };
        /**
         * TalkScriptVersionList
         * @description Versions of one talk script, newest first.
         */
        TalkScriptVersionList: {
            /** Items */
            items: components["schemas"]["TalkScriptVersionSummary"][];
        };
        /**
         * TalkScriptVersionSummary
         * @description A version. Versions are never deleted; publishing one retires the one before from its effective time on.
         */
        TalkScriptVersionSummary: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Created By */
            created_by: string;
            /** Effective At */
            effective_at: string | null;
            /** Key */
            key: string;
            /** Nodes */
            nodes: number;
            /** Note */
            note: string;
            /** Published At */
            published_at: string | null;
            /** Published By */
            published_by: string;
            /** Sha256 */
            sha256: string;
            /**
             * Status
             * @enum {string}
             */
            status: "draft" | "published" | "retired";
            /** Title */
            title: string;
            /** Version */
            version: number;
        };
        /**
         * TaskDone
         * @description How a task ended.
         */
        TaskDone: {
            /** Note */
            note: string;
        };
        /**
         * ThumbnailSheet
         * @description How the source of kind `thumbnails` is cut: tiles row by row, one each `every_ms` of the composition.
         */
        ThumbnailSheet: {
            /** Columns */
            columns: number;
            /** Count */
            count: number;
            /** Every Ms */
            every_ms: number;
            /** Height */
            height: number;
            /** Width */
            width: number;
        };
        /**
         * Timeline
         * @description The lanes under the player. Lists are ordered by time.
         */
        Timeline: {
            /** Checks */
            checks: components["schemas"]["CheckSpan"][];
            /** Duration Ms */
            duration_ms: number;
            /** Gaps */
            gaps: components["schemas"]["GapSpan"][];
            /** Nodes */
            nodes: components["schemas"]["NodeSpan"][];
            /** Shares */
            shares: components["schemas"]["ShareSpan"][];
            /**
             * Started At
             * Format: date-time
             */
            started_at: string;
            /** Voices */
            voices: components["schemas"]["VoiceSpan"][];
        };
        /**
         * TotpConfirm
         * @description The first code.
         */
        TotpConfirm: {
            /** Code */
            code: string;
        };
        /**
         * TotpSetup
         * @description A new secret; it counts once a code made from it is confirmed.
         */
        TotpSetup: {
            /** Secret */
            secret: string;
            /** Uri */
            uri: string;
        };
        /**
         * Transcript
         * @description The whole transcript. `is_measured` is false where no recogniser was available; then `lines` is empty.
         */
        Transcript: {
            /** Is Measured */
            is_measured: boolean;
            /** Lines */
            lines: components["schemas"]["TranscriptLine"][];
            /** Reason */
            reason: string | null;
        };
        /**
         * TranscriptLine
         * @description A sentence of one person. `engine` says who heard it.
         */
        TranscriptLine: {
            /** End Ms */
            end_ms: number;
            /** Engine */
            engine: string;
            /** Ordinal */
            ordinal: number;
            /** Seat Id */
            seat_id: string;
            /** Start Ms */
            start_ms: number;
            /** Text */
            text: string;
            /** Words */
            words: [
                string,
                number,
                number
            ][];
        };
        /**
         * Update
         * @description After hello and after every event.
         */
        Update: {
            /** Events */
            events: components["schemas"]["EventInUpdate"][];
            /** Seq */
            seq: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "update";
            view: components["schemas"]["SessionView"];
        };
        /**
         * User
         * @description An account as administrators see it; the phone is masked.
         */
        User: {
            /** Agent Code */
            agent_code: string;
            agent_kind: components["schemas"]["AgentKind"] | null;
            /** Channel Code */
            channel_code: string;
            /** Company Code */
            company_code: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Display Name */
            display_name: string;
            /** Has Totp */
            has_totp: boolean;
            /** Id */
            id: string;
            /** Last Sign In At */
            last_sign_in_at: string | null;
            /** Licence No */
            licence_no: string;
            /** Login */
            login: string;
            /** Must Change Password */
            must_change_password: boolean;
            /** Org Code */
            org_code: string;
            /** Outlet Code */
            outlet_code: string;
            /** Phone Masked */
            phone_masked: string;
            /** Roles */
            roles: components["schemas"]["Role"][];
            sex: components["schemas"]["Sex"] | null;
            status: components["schemas"]["StaffStatus"];
            /** Team */
            team: string;
            /** Work No */
            work_no: string;
        };
        /**
         * UserPage
         * @description One page of accounts.
         */
        UserPage: {
            /** Items */
            items: components["schemas"]["User"][];
            /** Page */
            page: number;
            /** Page Size */
            page_size: number;
            /** Total */
            total: number;
        };
        /**
         * UserPatch
         * @description Changes to an account; what is not given stays. Disabling ends all its sessions; `active` also approves a registration.
         */
        UserPatch: {
            /**
             * Channel Code
             * @default null
             */
            channel_code?: string | null;
            /**
             * Display Name
             * @default null
             */
            display_name?: string | null;
            /**
             * Licence No
             * @default null
             */
            licence_no?: string | null;
            /**
             * Org Code
             * @default null
             */
            org_code?: string | null;
            /**
             * Outlet Code
             * @default null
             */
            outlet_code?: string | null;
            /**
             * Phone
             * @default null
             */
            phone?: string | null;
            /**
             * Roles
             * @default null
             */
            roles?: components["schemas"]["Role"][] | null;
            /**
             * Status
             * @default null
             */
            status?: ("active" | "disabled") | null;
            /**
             * Team
             * @default null
             */
            team?: string | null;
        };
        /**
         * VerifyCall
         * @description The second call: was it explained, and, where a signed form came back, is the signature the policyholder's own?
         */
        VerifyCall: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            command: "verify_call";
            /** Is Confirmed */
            is_confirmed: boolean;
            /**
             * Is Signature Genuine
             * @default null
             */
            is_signature_genuine?: boolean | null;
            /**
             * Note
             * @default
             */
            note?: string;
        };
        /**
         * VerifyReport
         * @description Result of verifying the stored package now.
         */
        VerifyReport: {
            /** Bytes */
            bytes: number;
            /**
             * Checked At
             * Format: date-time
             */
            checked_at: string;
            /** Files */
            files: number;
            /** Findings */
            findings: components["schemas"]["Finding"][];
            /** Is Development Stamp */
            is_development_stamp: boolean | null;
            /** Is Intact */
            is_intact: boolean;
            /** Manifest Sha256 */
            manifest_sha256: string | null;
            /** Signed By */
            signed_by: string | null;
            /** Time Stamp At */
            time_stamp_at: string | null;
        };
        /**
         * VersionData
         * @description A version's whole data, in the form of the shipped files.
         */
        VersionData: {
            /** Data */
            data: {
                [key: string]: unknown;
            };
            /** Id */
            id: string;
            /** Is Shipped */
            is_shipped: boolean;
            /** Published At */
            published_at: string | null;
            /** Published By */
            published_by: string;
            /** Version */
            version: number;
        };
        /**
         * Visitor
         * @description Somebody of the service staff who may visit customers; never sales staff (A15).
         */
        Visitor: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Org Code */
            org_code: string;
        };
        /**
         * VisitorList
         * @description Who may visit.
         */
        VisitorList: {
            /** Items */
            items: components["schemas"]["Visitor"][];
        };
        /**
         * VoiceSpan
         * @description Somebody speaks; `seat_id` is `prompt` for the system voice.
         */
        VoiceSpan: {
            /** Seat Id */
            seat_id: string;
            /** T0 Ms */
            t0_ms: number;
            /** T1 Ms */
            t1_ms: number;
        };
        /**
         * WaitingPolicies
         * @description The customer's policies: open ones first; finished ones leave the list except those of this visit.
         */
        WaitingPolicies: {
            /** Insurer */
            insurer: string;
            /** Items */
            items: components["schemas"]["WaitingPolicy"][];
            /** Policyholder Name */
            policyholder_name: string;
        };
        /**
         * WaitingPolicy
         * @description A policy of the customer. `blocked` is null when its callback may be done now.
         */
        WaitingPolicy: {
            blocked: components["schemas"]["Blocked"] | null;
            /** Callback Id */
            callback_id: string;
            /** Insured Name */
            insured_name: string;
            /**
             * Issued On
             * Format: date
             */
            issued_on: string;
            /** Policy No */
            policy_no: string;
            /**
             * Policy Status
             * @enum {string}
             */
            policy_status: "in_force" | "surrendered" | "cancelled" | "lapsed" | "ended";
            /** Product Name */
            product_name: string;
            state: components["schemas"]["State"];
            /**
             * Window Ends At
             * Format: date-time
             */
            window_ends_at: string;
        };
        /**
         * WatchView
         * @description What was watched, credited by the server's clock: by whoever reviews or decided, in this round.
         *
         *     `share` and `needed_share` are of the whole recording. `unseen_nodes`: nodes too little was watched of. `spans`: [from, to] on
         *     the session clock. `is_enough`: the recording may pass as far as watching goes.
         */
        WatchView: {
            /** Is Enough */
            is_enough: boolean;
            /** Needed Share */
            needed_share: number;
            /** Share */
            share: number;
            /** Spans */
            spans: number[][];
            /** Unseen Nodes */
            unseen_nodes: string[];
            /** Watched Ms */
            watched_ms: number;
        };
        /**
         * Withdrawal
         * @description Why a list is withdrawn.
         */
        Withdrawal: {
            /** Reason */
            reason: string;
        };
        /**
         * WorkerQueues
         * @description What waits in a worker: answers and events for a web process, bytes for its disk, bytes for speech and vision.
         */
        WorkerQueues: {
            /** Rpc Events */
            rpc_events: number;
            /** Tap Bytes */
            tap_bytes: number;
            /** Writer Bytes */
            writer_bytes: number;
        };
        /**
         * WorkerView
         * @description A jobs process that holds a lease.
         */
        WorkerView: {
            /** Detail */
            detail: {
                [key: string]: unknown;
            };
            /** Host */
            host: string;
            /** Id */
            id: string;
            /**
             * Lease Until
             * Format: date-time
             */
            lease_until: string;
            /**
             * Started At
             * Format: date-time
             */
            started_at: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type AbortParams = components['schemas']['AbortParams'];
export type AccessView = components['schemas']['AccessView'];
export type AgentKind = components['schemas']['AgentKind'];
export type Alert = components['schemas']['Alert'];
export type AllowedAction = components['schemas']['AllowedAction'];
export type AnswerCard = components['schemas']['AnswerCard'];
export type AnsweredView = components['schemas']['AnsweredView'];
export type AnswerView = components['schemas']['AnswerView'];
export type AppealBody = components['schemas']['AppealBody'];
export type AppealDecisionBody = components['schemas']['AppealDecisionBody'];
export type Approval = components['schemas']['Approval'];
export type AskedView = components['schemas']['AskedView'];
export type Assign = components['schemas']['Assign'];
export type AssignBody = components['schemas']['AssignBody'];
export type AssignResult = components['schemas']['AssignResult'];
export type AuditPage = components['schemas']['AuditPage'];
export type AuditRow = components['schemas']['AuditRow'];
export type AuditVerification = components['schemas']['AuditVerification'];
export type BankRegistration = components['schemas']['BankRegistration'];
export type BindCheck = components['schemas']['BindCheck'];
export type BindCodeSent = components['schemas']['BindCodeSent'];
export type BindRequest = components['schemas']['BindRequest'];
export type BindTicket = components['schemas']['BindTicket'];
export type Blocked = components['schemas']['Blocked'];
export type CalendarDays = components['schemas']['CalendarDays'];
export type CalendarFaultView = components['schemas']['CalendarFaultView'];
export type CalendarPreview = components['schemas']['CalendarPreview'];
export type CalendarRead = components['schemas']['CalendarRead'];
export type CalendarText = components['schemas']['CalendarText'];
export type CalendarVersion = components['schemas']['CalendarVersion'];
export type CalendarYear = components['schemas']['CalendarYear'];
export type CalendarYearDraft = components['schemas']['CalendarYearDraft'];
export type CalendarYearRow = components['schemas']['CalendarYearRow'];
export type CalendarYears = components['schemas']['CalendarYears'];
export type CallbackDetail = components['schemas']['CallbackDetail'];
export type CallbackEntry = components['schemas']['CallbackEntry'];
export type CallbackEventView = components['schemas']['CallbackEventView'];
export type CallbackFile = components['schemas']['CallbackFile'];
export type CallbackFileList = components['schemas']['CallbackFileList'];
export type CallbackPage = components['schemas']['CallbackPage'];
export type CallbackQuestion = components['schemas']['CallbackQuestion'];
export type CallbackRow = components['schemas']['CallbackRow'];
export type CallbackSignature = components['schemas']['CallbackSignature'];
export type CallbackStep = components['schemas']['CallbackStep'];
export type CallbackTask = components['schemas']['CallbackTask'];
export type CallbackTaskPage = components['schemas']['CallbackTaskPage'];
export type CallReference = components['schemas']['CallReference'];
export type CallResults = components['schemas']['CallResults'];
export type Caption = components['schemas']['Caption'];
export type CaseCallback = components['schemas']['CaseCallback'];
export type CaseEventView = components['schemas']['CaseEventView'];
export type CaseInView = components['schemas']['CaseInView'];
export type CasePage = components['schemas']['CasePage'];
export type CaseState = components['schemas']['CaseState'];
export type CaseSummary = components['schemas']['CaseSummary'];
export type CaseView = components['schemas']['CaseView'];
export type CertType = components['schemas']['CertType'];
export type ChallengeStep = components['schemas']['ChallengeStep'];
export type ChallengeView = components['schemas']['ChallengeView'];
export type Change = components['schemas']['Change'];
export type ChangePassword = components['schemas']['ChangePassword'];
export type Channel = components['schemas']['Channel'];
export type CheckSpan = components['schemas']['CheckSpan'];
export type CheckView = components['schemas']['CheckView'];
export type ClaimRequest = components['schemas']['ClaimRequest'];
export type Classify = components['schemas']['Classify'];
export type ClientCommand = components['schemas']['ClientCommand'];
export type CloseCallback = components['schemas']['CloseCallback'];
export type CodeCheck = components['schemas']['CodeCheck'];
export type CodeSent = components['schemas']['CodeSent'];
export type CompanyRegistration = components['schemas']['CompanyRegistration'];
export type ConfirmIdParams = components['schemas']['ConfirmIdParams'];
export type ConfirmOnSiteParams = components['schemas']['ConfirmOnSiteParams'];
export type ConfirmView = components['schemas']['ConfirmView'];
export type ConsentRequest = components['schemas']['ConsentRequest'];
export type ConsentResult = components['schemas']['ConsentResult'];
export type ConsentText = components['schemas']['ConsentText'];
export type ContractReport = components['schemas']['ContractReport'];
export type ContractView = components['schemas']['ContractView'];
export type CreateSessionRequest = components['schemas']['CreateSessionRequest'];
export type CurrentNode = components['schemas']['CurrentNode'];
export type CustodyPage = components['schemas']['CustodyPage'];
export type CustodyRow = components['schemas']['CustodyRow'];
export type CustomerIdentity = components['schemas']['CustomerIdentity'];
export type CustomerImage = components['schemas']['CustomerImage'];
export type CustomerTicket = components['schemas']['CustomerTicket'];
export type DaysOff = components['schemas']['DaysOff'];
export type DeclineParams = components['schemas']['DeclineParams'];
export type DeliveryPage = components['schemas']['DeliveryPage'];
export type DeliveryView = components['schemas']['DeliveryView'];
export type DemoLogin = components['schemas']['DemoLogin'];
export type DeskView = components['schemas']['DeskView'];
export type DiffEntry = components['schemas']['DiffEntry'];
export type DisposalItem = components['schemas']['DisposalItem'];
export type DisposalSummary = components['schemas']['DisposalSummary'];
export type DisposalView = components['schemas']['DisposalView'];
export type Dispute = components['schemas']['Dispute'];
export type DocumentArea = components['schemas']['DocumentArea'];
export type DocumentInView = components['schemas']['DocumentInView'];
export type DocumentKind = components['schemas']['DocumentKind'];
export type DocumentOpenParams = components['schemas']['DocumentOpenParams'];
export type DocumentSignParams = components['schemas']['DocumentSignParams'];
export type DocumentView = components['schemas']['DocumentView'];
export type DocumentViewParams = components['schemas']['DocumentViewParams'];
export type DraftVersion = components['schemas']['DraftVersion'];
export type DrainRequest = components['schemas']['DrainRequest'];
export type EndpointBody = components['schemas']['EndpointBody'];
export type EndpointList = components['schemas']['EndpointList'];
export type EndpointMade = components['schemas']['EndpointMade'];
export type EndpointView = components['schemas']['EndpointView'];
export type EngineInView = components['schemas']['EngineInView'];
export type EntryPolicies = components['schemas']['EntryPolicies'];
export type EntrySignIn = components['schemas']['EntrySignIn'];
export type EntryState = components['schemas']['EntryState'];
export type EntryTicket = components['schemas']['EntryTicket'];
export type EventInUpdate = components['schemas']['EventInUpdate'];
export type EventView = components['schemas']['EventView'];
export type Explained = components['schemas']['Explained'];
export type FilePlay = components['schemas']['FilePlay'];
export type Finding = components['schemas']['Finding'];
export type FormRequest = components['schemas']['FormRequest'];
export type FormReturned = components['schemas']['FormReturned'];
export type GapSpan = components['schemas']['GapSpan'];
export type Goodbye = components['schemas']['Goodbye'];
export type Grace = components['schemas']['Grace'];
export type Health = components['schemas']['Health'];
export type HealthItem = components['schemas']['HealthItem'];
export type Hello = components['schemas']['Hello'];
export type HistoryView = components['schemas']['HistoryView'];
export type IceServer = components['schemas']['IceServer'];
export type IdCheck = components['schemas']['IdCheck'];
export type IdentityImageView = components['schemas']['IdentityImageView'];
export type IdentityLink = components['schemas']['IdentityLink'];
export type IdentityResult = components['schemas']['IdentityResult'];
export type IdentityView = components['schemas']['IdentityView'];
export type ImageCheck = components['schemas']['ImageCheck'];
export type ImageKind = components['schemas']['ImageKind'];
export type InspectionFigures = components['schemas']['InspectionFigures'];
export type InspectionPage = components['schemas']['InspectionPage'];
export type InspectionReasonCount = components['schemas']['InspectionReasonCount'];
export type InspectionRef = components['schemas']['InspectionRef'];
export type InspectionStatistics = components['schemas']['InspectionStatistics'];
export type InspectionSummary = components['schemas']['InspectionSummary'];
export type InspectionView = components['schemas']['InspectionView'];
export type InspectorView = components['schemas']['InspectorView'];
export type IntermediaryRegistration = components['schemas']['IntermediaryRegistration'];
export type JobPage = components['schemas']['JobPage'];
export type JobStepView = components['schemas']['JobStepView'];
export type JobView = components['schemas']['JobView'];
export type JoinCodeInView = components['schemas']['JoinCodeInView'];
export type JoinCodeView = components['schemas']['JoinCodeView'];
export type JoinInfo = components['schemas']['JoinInfo'];
export type JoinRequest = components['schemas']['JoinRequest'];
export type JoinSmsRequest = components['schemas']['JoinSmsRequest'];
export type JoinSmsSent = components['schemas']['JoinSmsSent'];
export type JoinVerified = components['schemas']['JoinVerified'];
export type JoinVerifyRequest = components['schemas']['JoinVerifyRequest'];
export type KeptPage = components['schemas']['KeptPage'];
export type KeptPageContent = components['schemas']['KeptPageContent'];
export type LedgerEntry = components['schemas']['LedgerEntry'];
export type LedgerLine = components['schemas']['LedgerLine'];
export type LegPoint = components['schemas']['LegPoint'];
export type LegQuality = components['schemas']['LegQuality'];
export type LinkKey = components['schemas']['LinkKey'];
export type LinkRenewal = components['schemas']['LinkRenewal'];
export type LocationParams = components['schemas']['LocationParams'];
export type LocationPatch = components['schemas']['LocationPatch'];
export type LockView = components['schemas']['LockView'];
export type Me = components['schemas']['Me'];
export type MediaAlarm = components['schemas']['MediaAlarm'];
export type MediaAnswerParams = components['schemas']['MediaAnswerParams'];
export type MediaInView = components['schemas']['MediaInView'];
export type MediaJoined = components['schemas']['MediaJoined'];
export type MediaOverview = components['schemas']['MediaOverview'];
export type MediaRestartParams = components['schemas']['MediaRestartParams'];
export type MediaRoom = components['schemas']['MediaRoom'];
export type MediaSource = components['schemas']['MediaSource'];
export type MediaWorker = components['schemas']['MediaWorker'];
export type MeInView = components['schemas']['MeInView'];
export type NewCase = components['schemas']['NewCase'];
export type NewChallenge = components['schemas']['NewChallenge'];
export type NewDisposal = components['schemas']['NewDisposal'];
export type NewEntryPassword = components['schemas']['NewEntryPassword'];
export type NewNumber = components['schemas']['NewNumber'];
export type NewPerson = components['schemas']['NewPerson'];
export type NewPolicy = components['schemas']['NewPolicy'];
export type NewPremium = components['schemas']['NewPremium'];
export type NewProposal = components['schemas']['NewProposal'];
export type NewTalkScriptVersion = components['schemas']['NewTalkScriptVersion'];
export type NewUser = components['schemas']['NewUser'];
export type NewVersion = components['schemas']['NewVersion'];
export type NodeDecision = components['schemas']['NodeDecision'];
export type NodeDecisionView = components['schemas']['NodeDecisionView'];
export type NodeInList = components['schemas']['NodeInList'];
export type NodeParams = components['schemas']['NodeParams'];
export type NodeSpan = components['schemas']['NodeSpan'];
export type NoteInView = components['schemas']['NoteInView'];
export type NoteParams = components['schemas']['NoteParams'];
export type NoticeTick = components['schemas']['NoticeTick'];
export type NoticeView = components['schemas']['NoticeView'];
export type NumberConfirmed = components['schemas']['NumberConfirmed'];
export type NumberList = components['schemas']['NumberList'];
export type NumberRow = components['schemas']['NumberRow'];
export type Organisation = components['schemas']['Organisation'];
export type OutboxMessage = components['schemas']['OutboxMessage'];
export type OutboxPage = components['schemas']['OutboxPage'];
export type OverrideParams = components['schemas']['OverrideParams'];
export type PaperResult = components['schemas']['PaperResult'];
export type ParticipantIdentity = components['schemas']['ParticipantIdentity'];
export type ParticipantView = components['schemas']['ParticipantView'];
export type PartyInView = components['schemas']['PartyInView'];
export type PassBody = components['schemas']['PassBody'];
export type PasswordReset = components['schemas']['PasswordReset'];
export type Payout = components['schemas']['Payout'];
export type PersonInView = components['schemas']['PersonInView'];
export type PersonRole = components['schemas']['PersonRole'];
export type PersonView = components['schemas']['PersonView'];
export type PhoneCheck = components['schemas']['PhoneCheck'];
export type PhoneCheckResult = components['schemas']['PhoneCheckResult'];
export type PhoneResult = components['schemas']['PhoneResult'];
export type PhoneWarningOutcome = components['schemas']['PhoneWarningOutcome'];
export type PhoneWarningPage = components['schemas']['PhoneWarningPage'];
export type PhoneWarningView = components['schemas']['PhoneWarningView'];
export type Ping = components['schemas']['Ping'];
export type PlannedCall = components['schemas']['PlannedCall'];
export type PlayedBody = components['schemas']['PlayedBody'];
export type PlayedSpan = components['schemas']['PlayedSpan'];
export type PlayTicket = components['schemas']['PlayTicket'];
export type PolicyAccepted = components['schemas']['PolicyAccepted'];
export type PolicyBrief = components['schemas']['PolicyBrief'];
export type PolicyEventTaken = components['schemas']['PolicyEventTaken'];
export type PolicyFactsView = components['schemas']['PolicyFactsView'];
export type PolicyHeader = components['schemas']['PolicyHeader'];
export type PolicyPerson = components['schemas']['PolicyPerson'];
export type PolicyProduct = components['schemas']['PolicyProduct'];
export type PolicyTicket = components['schemas']['PolicyTicket'];
export type Pong = components['schemas']['Pong'];
export type Premium = components['schemas']['Premium'];
export type PremiumView = components['schemas']['PremiumView'];
export type PreviewQuestion = components['schemas']['PreviewQuestion'];
export type PreviewStep = components['schemas']['PreviewStep'];
export type ProblemOnWire = components['schemas']['ProblemOnWire'];
export type ProductBody = components['schemas']['ProductBody'];
export type ProductType = components['schemas']['ProductType'];
export type ProductView = components['schemas']['ProductView'];
export type PromptInView = components['schemas']['PromptInView'];
export type ProposalAccepted = components['schemas']['ProposalAccepted'];
export type ProposalPage = components['schemas']['ProposalPage'];
export type ProposalSummary = components['schemas']['ProposalSummary'];
export type ProposalView = components['schemas']['ProposalView'];
export type ProposalWarning = components['schemas']['ProposalWarning'];
export type PublishBody = components['schemas']['PublishBody'];
export type PublishedKey = components['schemas']['PublishedKey'];
export type PublishedKeys = components['schemas']['PublishedKeys'];
export type Push = components['schemas']['Push'];
export type QuestionnaireList = components['schemas']['QuestionnaireList'];
export type QuestionnairePreview = components['schemas']['QuestionnairePreview'];
export type QuestionnaireSummary = components['schemas']['QuestionnaireSummary'];
export type QuestionnaireView = components['schemas']['QuestionnaireView'];
export type Reason = components['schemas']['Reason'];
export type ReasonBody = components['schemas']['ReasonBody'];
export type ReasonView = components['schemas']['ReasonView'];
export type RecordedAnswer = components['schemas']['RecordedAnswer'];
export type RecordingInView = components['schemas']['RecordingInView'];
export type RecordingPage = components['schemas']['RecordingPage'];
export type RecordingReason = components['schemas']['RecordingReason'];
export type RecordingRequirement = components['schemas']['RecordingRequirement'];
export type RecordingSummary = components['schemas']['RecordingSummary'];
export type RecordingView = components['schemas']['RecordingView'];
export type Redelivered = components['schemas']['Redelivered'];
export type RegistrationResult = components['schemas']['RegistrationResult'];
export type RejectBody = components['schemas']['RejectBody'];
export type ReleaseSeatParams = components['schemas']['ReleaseSeatParams'];
export type Reply = components['schemas']['Reply'];
export type ReportStateParams = components['schemas']['ReportStateParams'];
export type ResultView = components['schemas']['ResultView'];
export type Role = components['schemas']['Role'];
export type RoleChoice = components['schemas']['RoleChoice'];
export type RoomLeg = components['schemas']['RoomLeg'];
export type RulebookList = components['schemas']['RulebookList'];
export type RulebookPreview = components['schemas']['RulebookPreview'];
export type RulebookSummary = components['schemas']['RulebookSummary'];
export type RuleField = components['schemas']['RuleField'];
export type RuleFields = components['schemas']['RuleFields'];
export type SamplePage = components['schemas']['SamplePage'];
export type SamplePolicy = components['schemas']['SamplePolicy'];
export type SampleRow = components['schemas']['SampleRow'];
export type SampleRules = components['schemas']['SampleRules'];
export type SampleVerdict = components['schemas']['SampleVerdict'];
export type SamplingCheck = components['schemas']['SamplingCheck'];
export type SamplingRuleView = components['schemas']['SamplingRuleView'];
export type ScoreView = components['schemas']['ScoreView'];
export type SearchBody = components['schemas']['SearchBody'];
export type SearchHit = components['schemas']['SearchHit'];
export type SearchPage = components['schemas']['SearchPage'];
export type SeatTicket = components['schemas']['SeatTicket'];
export type SeatView = components['schemas']['SeatView'];
export type ServiceCallDetail = components['schemas']['ServiceCallDetail'];
export type ServiceCallNote = components['schemas']['ServiceCallNote'];
export type ServiceCallPage = components['schemas']['ServiceCallPage'];
export type ServiceCallResult = components['schemas']['ServiceCallResult'];
export type ServiceCallRow = components['schemas']['ServiceCallRow'];
export type ServiceQuestion = components['schemas']['ServiceQuestion'];
export type SessionCreated = components['schemas']['SessionCreated'];
export type SessionQuality = components['schemas']['SessionQuality'];
export type SessionSummary = components['schemas']['SessionSummary'];
export type SessionView = components['schemas']['SessionView'];
export type Sex = components['schemas']['Sex'];
export type ShareInView = components['schemas']['ShareInView'];
export type ShareSpan = components['schemas']['ShareSpan'];
export type ShareStartParams = components['schemas']['ShareStartParams'];
export type ShareStopParams = components['schemas']['ShareStopParams'];
export type SignatureKept = components['schemas']['SignatureKept'];
export type SignaturePoint = components['schemas']['SignaturePoint'];
export type SignIn = components['schemas']['SignIn'];
export type SignInOptions = components['schemas']['SignInOptions'];
export type SkippedView = components['schemas']['SkippedView'];
export type Slot = components['schemas']['Slot'];
export type SmsCodeRequest = components['schemas']['SmsCodeRequest'];
export type SocketMessages = components['schemas']['SocketMessages'];
export type SoftTimer = components['schemas']['SoftTimer'];
export type SpokenHit = components['schemas']['SpokenHit'];
export type StaffStatus = components['schemas']['StaffStatus'];
export type State = components['schemas']['State'];
export type Statistics = components['schemas']['Statistics'];
export type StatisticsDay = components['schemas']['StatisticsDay'];
export type StatisticsRow = components['schemas']['StatisticsRow'];
export type StepView = components['schemas']['StepView'];
export type StrokePoint = components['schemas']['StrokePoint'];
export type SubmitAnswers = components['schemas']['SubmitAnswers'];
export type TalkScriptDiff = components['schemas']['TalkScriptDiff'];
export type TalkScriptList = components['schemas']['TalkScriptList'];
export type TalkScriptSummary = components['schemas']['TalkScriptSummary'];
export type TalkScriptVersion = components['schemas']['TalkScriptVersion'];
export type TalkScriptVersionList = components['schemas']['TalkScriptVersionList'];
export type TalkScriptVersionSummary = components['schemas']['TalkScriptVersionSummary'];
export type TaskDone = components['schemas']['TaskDone'];
export type ThumbnailSheet = components['schemas']['ThumbnailSheet'];
export type Timeline = components['schemas']['Timeline'];
export type TotpConfirm = components['schemas']['TotpConfirm'];
export type TotpSetup = components['schemas']['TotpSetup'];
export type Transcript = components['schemas']['Transcript'];
export type TranscriptLine = components['schemas']['TranscriptLine'];
export type Update = components['schemas']['Update'];
export type User = components['schemas']['User'];
export type UserPage = components['schemas']['UserPage'];
export type UserPatch = components['schemas']['UserPatch'];
export type VerifyCall = components['schemas']['VerifyCall'];
export type VerifyReport = components['schemas']['VerifyReport'];
export type VersionData = components['schemas']['VersionData'];
export type Visitor = components['schemas']['Visitor'];
export type VisitorList = components['schemas']['VisitorList'];
export type VoiceSpan = components['schemas']['VoiceSpan'];
export type WaitingPolicies = components['schemas']['WaitingPolicies'];
export type WaitingPolicy = components['schemas']['WaitingPolicy'];
export type WatchView = components['schemas']['WatchView'];
export type Withdrawal = components['schemas']['Withdrawal'];
export type WorkerQueues = components['schemas']['WorkerQueues'];
export type WorkerView = components['schemas']['WorkerView'];
export type $defs = Record<string, never>;
export interface operations {
    list_audits: {
        parameters: {
            query?: {
                action?: string;
                actor?: string;
                page?: number;
                page_size?: number;
                since?: string | null;
                subject?: string;
                until?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    verify_audit_log: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditVerification"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_jobs: {
        parameters: {
            query?: {
                attention?: boolean;
                limit?: number;
                state?: ("waiting" | "running" | "done" | "failed") | null;
                subject_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobPage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    retry_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_media: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MediaOverview"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_room: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RoomLeg"][];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    drain_worker: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                worker_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DrainRequest"];
            };
        };
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_outbox: {
        parameters: {
            query?: {
                page?: number;
                page_size?: number;
                q?: string;
                status?: ("queued" | "sending" | "sent" | "failed" | "expired") | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutboxPage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    resend_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                message_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutboxMessage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    put_product: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                code: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProductBody"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_users: {
        parameters: {
            query?: {
                page?: number;
                page_size?: number;
                q?: string;
                role?: components["schemas"]["Role"] | null;
                status?: components["schemas"]["StaffStatus"] | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserPage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    create_user: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    patch_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserPatch"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    reset_user_password: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasswordReset"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    sign_out_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_webhook_deliveries: {
        parameters: {
            query?: {
                page?: number;
                page_size?: number;
                q?: string;
                status?: ("queued" | "sending" | "delivered" | "dead") | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryPage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    redeliver_webhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                delivery_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redelivered"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_webhook_endpoints: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointList"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    create_webhook_endpoint: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EndpointBody"];
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointMade"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    change_webhook_endpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EndpointBody"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    redeliver_dead_webhooks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redelivered"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    rotate_webhook_secret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointMade"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    test_webhook_endpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                endpoint_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndpointView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_workers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkerView"][];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    sign_in_options: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInOptions"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    change_own_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePassword"];
            };
        };
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    register_agent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompanyRegistration"] | components["schemas"]["BankRegistration"] | components["schemas"]["IntermediaryRegistration"];
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistrationResult"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    sign_in_staff: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    sign_out_staff: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    send_sms_code: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SmsCodeRequest"];
            };
        };
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    start_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TotpSetup"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    confirm_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TotpConfirm"];
            };
        };
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_callback_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the file itself */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/pdf": string;
                    "image/jpeg": string;
                    "image/png": string;
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    play_call_recording: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FilePlay"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    stream_call_recording: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the file itself */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "audio/flac": string;
                    "audio/mp4": string;
                    "audio/mpeg": string;
                    "audio/ogg": string;
                    "audio/wav": string;
                    "audio/webm": string;
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_failed_numbers: {
        parameters: {
            query?: {
                org_code?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NumberList"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    export_failed_numbers: {
        parameters: {
            query?: {
                org_code?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the file itself */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_callback_questionnaires: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuestionnaireList"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    preview_callback_questionnaire: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                questionnaire_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DraftVersion"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuestionnairePreview"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    publish_callback_questionnaire: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                questionnaire_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewVersion"];
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionData"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_callback_questionnaire: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                questionnaire_id: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionData"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_callback_rule_fields: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleFields"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_callback_rulebooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RulebookList"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    preview_callback_rulebook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rulebook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DraftVersion"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RulebookPreview"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    publish_callback_rulebook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rulebook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewVersion"];
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionData"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_callback_rulebook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                rulebook_id: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionData"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_callback_samples: {
        parameters: {
            query?: {
                page?: number;
                page_size?: number;
                status?: "open" | "passed" | "failed";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SamplePage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    review_callback_sample: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sample_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SampleVerdict"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SampleRow"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_sampling_rules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SampleRules"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_callback_statistics: {
        parameters: {
            query: {
                org_code?: string;
                since: string;
                until: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statistics"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    export_callback_statistics: {
        parameters: {
            query: {
                org_code?: string;
                since: string;
                until: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the file itself */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    export_callback_statistics_sheet: {
        parameters: {
            query: {
                org_code?: string;
                since: string;
                until: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the file itself */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": string;
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_callback_tasks: {
        parameters: {
            query?: {
                kind?: string;
                page?: number;
                page_size?: number;
                status?: "open" | "done" | "cancelled";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackTaskPage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    finish_callback_task: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskDone"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackTask"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_callback_visitors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VisitorList"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_callbacks: {
        parameters: {
            query?: {
                category?: string;
                channel?: string;
                org_code?: string;
                page?: number;
                page_size?: number;
                q?: string;
                rulebook?: string;
                since?: string | null;
                state?: components["schemas"]["State"] | null;
                task?: string;
                until?: string | null;
                view?: "todo" | "electronic" | "finished" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackPage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_callback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                callback_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackDetail"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    add_call_recording: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                callback_id: string;
            };
            cookie?: never;
        };
        /** @description The file itself, at most 67108864 bytes */
        requestBody: {
            content: {
                "application/octet-stream": string;
                "audio/aac": string;
                "audio/flac": string;
                "audio/mp3": string;
                "audio/mp4": string;
                "audio/mpeg": string;
                "audio/ogg": string;
                "audio/opus": string;
                "audio/wav": string;
                "audio/wave": string;
                "audio/webm": string;
                "audio/x-flac": string;
                "audio/x-m4a": string;
                "audio/x-wav": string;
                "video/webm": string;
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackFile"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    fetch_call_recording: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                callback_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CallReference"];
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackFile"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    command_callback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                callback_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PhoneResult"] | components["schemas"]["Classify"] | components["schemas"]["Explained"] | components["schemas"]["FormReturned"] | components["schemas"]["VerifyCall"] | components["schemas"]["NumberConfirmed"] | components["schemas"]["Assign"] | components["schemas"]["PaperResult"] | components["schemas"]["CloseCallback"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackDetail"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    export_callback_evidence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                callback_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the file itself */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": string;
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    make_callback_form: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                callback_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FormRequest"];
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackFile"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_callback_page: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                callback_id: string;
                page_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptPageContent"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    add_callback_scan: {
        parameters: {
            query: {
                purpose: "visit" | "letter" | "explanation" | "re_signature";
            };
            header?: never;
            path: {
                callback_id: string;
            };
            cookie?: never;
        };
        /** @description The file itself, at most 20971520 bytes */
        requestBody: {
            content: {
                "application/octet-stream": string;
                "application/pdf": string;
                "image/jpeg": string;
                "image/png": string;
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackFile"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_cases: {
        parameters: {
            query?: {
                agent_id?: string | null;
                page?: number;
                page_size?: number;
                product_type?: components["schemas"]["ProductType"] | null;
                q?: string;
                sort?: "updated_at" | "created_at";
                state?: components["schemas"]["CaseState"][] | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CasePage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    create_case: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCase"];
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_case: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_case_callback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseCallback"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    cancel_case: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonBody"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_identity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    move_participant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
                participant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LocationPatch"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    send_identity_link: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
                participant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityLink"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_image: {
        parameters: {
            query?: {
                v?: string;
            };
            header?: never;
            path: {
                case_id: string;
                kind: string;
                participant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the file itself */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    put_image: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
                kind: string;
                participant_id: string;
            };
            cookie?: never;
        };
        /** @description The file itself, at most 12582912 bytes */
        requestBody: {
            content: {
                "image/jpeg": string;
                "image/png": string;
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityImageView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    delete_image: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
                kind: string;
                participant_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    create_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateSessionRequest"];
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionCreated"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionSummary"][];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    start_supplementary: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_disposals: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisposalSummary"][];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    propose_disposal: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewDisposal"];
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisposalView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_disposal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                disposal_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisposalView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    approve_disposal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                disposal_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisposalView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    withdraw_disposal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                disposal_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Withdrawal"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisposalView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_custody: {
        parameters: {
            query?: {
                page?: number;
                page_size?: number;
                q?: string;
                state?: ("held" | "pending" | "retained" | "due" | "listed" | "disposed") | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustodyPage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_callback_entry: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackEntry"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    begin_face_challenge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewChallenge"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChallengeView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    send_callback_code: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CodeSent"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    check_callback_code: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CodeCheck"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityResult"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    check_callback_face: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                challenge_id: string;
            };
            cookie?: never;
        };
        /** @description The file itself, at most 25165824 bytes */
        requestBody: {
            content: {
                "video/mp4": string;
                "video/webm": string;
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityResult"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    leave_callback: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    confirm_entry_notice: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NoticeTick"];
            };
        };
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_waiting_policies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaitingPolicies"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    abort_callback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                callback_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResultView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    submit_answers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                callback_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubmitAnswers"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackStep"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    begin_callback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                callback_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NoticeView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    confirm_answers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                callback_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResultView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    edit_answers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                callback_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuestionnaireView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    confirm_notice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                callback_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NoticeTick"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuestionnaireView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    sign_answers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                callback_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CallbackSignature"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignatureKept"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    renew_callback_link: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkKey"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkRenewal"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_entry_state: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntryState"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    bind_entry: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewEntryPassword"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntryTicket"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    check_bind_code: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BindCheck"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BindTicket"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    send_bind_code: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BindRequest"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BindCodeSent"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    forget_entry: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_entry_policies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntryPolicies"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    open_entry_policy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                callback_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyTicket"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    sign_in_entry: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EntrySignIn"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntryTicket"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_customer_identity: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerIdentity"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    put_customer_image: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                kind: string;
            };
            cookie?: never;
        };
        /** @description The file itself, at most 12582912 bytes */
        requestBody: {
            content: {
                "image/jpeg": string;
                "image/png": string;
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerImage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    redeem_link: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkKey"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerTicket"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    document_content: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                document_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the file itself */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/pdf": string;
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    published_keys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublishedKeys"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_inspections: {
        parameters: {
            query?: {
                cursor?: string | null;
                limit?: number;
                mine?: boolean;
                product_type?: string | null;
                q?: string | null;
                sampled_reason?: string | null;
                state?: ("queued" | "passed" | "rejected" | "appealed" | "cancelled") | null;
                urgency?: ("none" | "normal" | "soon" | "overdue") | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InspectionPage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_inspection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                inspection_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InspectionView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    appeal_inspection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                inspection_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppealBody"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InspectionView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    decide_appeal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                inspection_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppealDecisionBody"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InspectionView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    lock_inspection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                inspection_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InspectionView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    decide_node: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                inspection_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NodeDecision"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InspectionView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    pass_inspection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                inspection_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PassBody"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InspectionView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    reject_inspection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                inspection_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RejectBody"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InspectionView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    release_inspection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                inspection_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InspectionView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    report_watched: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                inspection_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlayedBody"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WatchView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    assign_inspections: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AssignBody"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AssignResult"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_inspectors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InspectorView"][];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_statistics: {
        parameters: {
            query: {
                since: string;
                until: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InspectionStatistics"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    export_statistics: {
        parameters: {
            query: {
                since: string;
                until: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the file itself */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    join: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JoinRequest"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinInfo"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    join_claim: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClaimRequest"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SeatTicket"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    join_consents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConsentRequest"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConsentResult"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    join_sms: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JoinSmsRequest"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinSmsSent"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    join_verify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JoinVerifyRequest"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinVerified"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    stream_media: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the file itself */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                    "text/vtt": string;
                    "video/mp4": string;
                    "video/webm": string;
                    "video/x-matroska": string;
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_phone_warnings: {
        parameters: {
            query?: {
                page?: number;
                page_size?: number;
                status?: "open" | "cleared" | "confirmed";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PhoneWarningPage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    resolve_phone_warning: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                warning_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PhoneWarningOutcome"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PhoneWarningView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    receive_policy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPolicy"];
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyAccepted"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    report_policy_contract: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                policy_no: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ContractReport"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContractView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    receive_policy_event: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                policy_no: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Change"] | components["schemas"]["Grace"] | components["schemas"]["Premium"] | components["schemas"]["Payout"];
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyEventTaken"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_products: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductView"][];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_proposals: {
        parameters: {
            query?: {
                page?: number;
                page_size?: number;
                q?: string;
                without_case?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProposalPage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    receive_proposal: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewProposal"];
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProposalAccepted"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_proposal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                proposal_no: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProposalView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_contract: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                proposal_no: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContractView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    report_proposal_contract: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                proposal_no: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ContractReport"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContractView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    add_document: {
        parameters: {
            query: {
                kind: components["schemas"]["DocumentKind"];
                title: string;
            };
            header?: never;
            path: {
                proposal_no: string;
            };
            cookie?: never;
        };
        /** @description The file itself, at most 20971520 bytes */
        requestBody: {
            content: {
                "application/pdf": string;
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_recordings: {
        parameters: {
            query?: {
                case_id?: string | null;
                cursor?: string | null;
                limit?: number;
                state?: ("recording" | "stopped" | "finalising" | "sealed" | "failed" | "disposed") | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordingPage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_recording: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                recording_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordingView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_accesses: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                recording_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessView"][];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_answers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                recording_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnswerView"][];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_checks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                recording_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckView"][];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_events: {
        parameters: {
            query?: {
                after?: number;
                limit?: number;
                type?: string | null;
            };
            header?: never;
            path: {
                recording_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventView"][];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_ledger: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                recording_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LedgerEntry"][];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    download_manifest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                recording_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the file itself */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    download_package: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                recording_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the file itself */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": string;
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    play: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                recording_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlayTicket"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_timeline: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                recording_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Timeline"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_transcript: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                recording_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transcript"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    verify_recording: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                recording_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VerifyReport"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    search: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SearchBody"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchPage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_service_calls: {
        parameters: {
            query?: {
                kind?: ("grace_reminder" | "lapse_followup" | "surrender" | "claim") | null;
                page?: number;
                page_size?: number;
                q?: string;
                view?: "todo" | "waiting" | "number" | "finished" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceCallPage"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_service_call: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                call_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceCallDetail"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    add_service_call_recording: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                call_id: string;
            };
            cookie?: never;
        };
        /** @description The file itself, at most 67108864 bytes */
        requestBody: {
            content: {
                "application/octet-stream": string;
                "audio/aac": string;
                "audio/flac": string;
                "audio/mp3": string;
                "audio/mp4": string;
                "audio/mpeg": string;
                "audio/ogg": string;
                "audio/opus": string;
                "audio/wav": string;
                "audio/wave": string;
                "audio/webm": string;
                "audio/x-flac": string;
                "audio/x-m4a": string;
                "audio/x-wav": string;
                "video/webm": string;
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackFile"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_service_call_files: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                call_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackFileList"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    make_service_call_letter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                call_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackFile"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    give_service_call_number: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                call_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewNumber"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceCallDetail"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    finish_service_call: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                call_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServiceCallResult"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceCallDetail"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    add_service_call_scan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                call_id: string;
            };
            cookie?: never;
        };
        /** @description The file itself, at most 20971520 bytes */
        requestBody: {
            content: {
                "application/octet-stream": string;
                "application/pdf": string;
                "image/jpeg": string;
                "image/png": string;
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackFile"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    resend_code: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinCodeView"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_quality: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionQuality"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_talk_scripts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TalkScriptList"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_talk_script_versions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TalkScriptVersionList"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    add_talk_script_version: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTalkScriptVersion"];
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TalkScriptVersion"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_talk_script_version: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TalkScriptVersion"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    diff_talk_script: {
        parameters: {
            query: {
                against: number;
            };
            header?: never;
            path: {
                key: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TalkScriptDiff"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    publish_talk_script: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PublishBody"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TalkScriptVersion"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    check_phone: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PhoneCheck"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PhoneCheckResult"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_calendar_years: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CalendarYears"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    show_calendar_year: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                year: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CalendarYear"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    preview_calendar_year: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                year: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CalendarDays"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CalendarPreview"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    read_calendar_text: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                year: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CalendarText"];
            };
        };
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CalendarRead"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    publish_calendar_year: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                year: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CalendarYearDraft"];
            };
        };
        responses: {
            /** @description ok */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CalendarYear"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    session_socket: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ok */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SocketMessages"];
                };
            };
            /** @description problem+json */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
